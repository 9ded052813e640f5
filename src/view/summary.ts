import { setImmediate } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";
import type { TargetPaths } from "../verdict/assessor.ts";
import { withReasonNow } from "../verdict/reason-now.ts";
import type { TargetState } from "./target-view.ts";

/** A target in a few numbers. */
export interface SummaryRow {
  readonly name: string;
  readonly protocol: string;
  /** Null while the name does not resolve. */
  readonly address: string | null;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly verdict: string;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly flows: number;
  readonly failing: number;
  readonly paths: number;
  /** Chance that no path is left unseen, 0 to 1. */
  readonly coverage: number;
}

/** Work of one turn, milliseconds: probes wait meanwhile. */
const SLICE_MS = 2;
/** A row is shown again for so long, milliseconds, however many ask. */
const FRESH_MS = 1500;

/** What a summary reads. */
export interface SummarySource {
  targets(): Iterable<TargetState>;
  pathsOf(target: ProbedTarget): TargetPaths;
}

/** The summary of all targets, made in slices and shared by everybody who asks at about the same time. */
export class Summary {
  readonly #source: SummarySource;
  readonly #clock: Pick<Clock, "monotonic">;
  #rows: Promise<readonly SummaryRow[]> | undefined;
  #madeAt = Number.NEGATIVE_INFINITY;

  constructor(source: SummarySource, clock: Pick<Clock, "monotonic">) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The rows in the order of the configuration, at most 1.5 s old. */
  rows(): Promise<readonly SummaryRow[]> {
    if (this.#rows === undefined || this.#clock.monotonic() - this.#madeAt > FRESH_MS) {
      this.#madeAt = Number.POSITIVE_INFINITY;
      this.#rows = this.#make().finally(() => {
        this.#madeAt = this.#clock.monotonic();
      });
    }
    return this.#rows;
  }

  async #make(): Promise<readonly SummaryRow[]> {
    const rows: SummaryRow[] = [];
    let end = this.#clock.monotonic() + SLICE_MS;
    for (const state of [...this.#source.targets()]) {
      if (this.#clock.monotonic() >= end) {
        await setImmediate();
        end = this.#clock.monotonic() + SLICE_MS;
      }
      const { probed } = state;
      rows.push(summaryRow(state, probed && this.#source.pathsOf(probed)));
    }
    return rows;
  }
}

/** Sums a target up. @param paths what is known of its paths, while it is probed */
export function summaryRow(state: TargetState, paths: TargetPaths | undefined): SummaryRow {
  const { name, protocol, port, labels, probed, error } = state;
  let flows = 0;
  let failing = 0;
  for (const flow of probed?.flows ?? []) {
    if (flow === undefined) continue;
    flows += 1;
    if (flow.state === "failing") failing += 1;
  }
  const told = probed && paths && withReasonNow(paths.hysteresis.standing, probed);
  return {
    name,
    protocol,
    address: probed?.target.address.text ?? null,
    port,
    labels,
    verdict: told?.verdict ?? "indeterminate",
    reason: told?.reason ?? `The target is not probed: ${error ?? "its name is being resolved"}.`,
    flows,
    failing,
    paths: paths?.topology.taken().size ?? 0,
    coverage: Number((paths?.topology.coverage() ?? 0).toFixed(4)),
  };
}
