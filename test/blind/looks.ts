import type { Daemon } from "../lab/daemon.ts";
import { until } from "../lab/processes.ts";

/** A suspect as SPEC tells it. */
export interface SuspectLook {
  readonly from: string | null;
  readonly to: string | null;
  readonly place?: string;
  readonly name?: string;
  readonly segment: string;
  readonly confidence: number;
}

/** What the API says of a target. */
export interface TargetLook {
  readonly verdict: string;
  readonly reason: string;
  readonly suspects: readonly SuspectLook[];
  readonly flows: readonly {
    readonly source_port: number;
    readonly state: string;
    readonly last_result: string;
    readonly last_hop: string;
    readonly path: string | null;
  }[];
  readonly coverage: { readonly paths: number; readonly confidence: number };
  readonly rate_limit?: {
    readonly answers_per_second: number;
    readonly probes_per_second: number;
    readonly proven: boolean;
  } | null;
}

/** One look. */
export interface Look {
  /** Milliseconds on the clock of `performance.now()`. */
  readonly at: number;
  readonly view: TargetLook;
}

const EVERY_MS = 1000;

/** Looks at a target once a second and remembers every look. */
export class Looks {
  readonly all: Look[] = [];
  readonly #daemon: Daemon;
  readonly #target: string;

  constructor(daemon: Daemon, target: string) {
    this.#daemon = daemon;
    this.#target = target;
  }

  /** Looks until `check` holds. @throws Error with the timeline after the limit */
  async until(what: string, limitMs: number, check: (view: TargetLook) => boolean): Promise<Look> {
    return await until(
      async () => {
        const view = (await this.#daemon.target(this.#target)) as TargetLook;
        const look = { at: performance.now(), view };
        this.all.push(look);
        return check(view) ? look : undefined;
      },
      { limitMs, everyMs: EVERY_MS, what: () => `${what}\n${timeline(this.all)}` },
    );
  }

  /** Looks for so long. */
  async during(ms: number): Promise<readonly Look[]> {
    const start = performance.now();
    const before = this.all.length;
    await this.until("time passes", ms + 30_000, () => performance.now() - start >= ms);
    return this.all.slice(before);
  }

  /** Waits until every flow is up with a known path and the target is healthy. */
  learnt(limitMs: number): Promise<Look> {
    return this.until(
      "healthy, with every path known",
      limitMs,
      ({ verdict, flows }) =>
        verdict === "healthy" && flows.every(({ state, path }) => state === "up" && path !== null),
    );
  }
}

/** A suspect in a few words. */
export function brief({ from, to, place, name, segment, confidence }: SuspectLook): string {
  return `${place ?? "-"} "${name ?? "-"}" ${from ?? "source"}>${to ?? "?"} ${segment} ${confidence}`;
}

/** Every change of what was told, a line each, in seconds from the first look. */
export function timeline(looks: readonly Look[]): string {
  const start = looks[0]?.at ?? 0;
  let before = "";
  return looks
    .flatMap(({ at, view }) => {
      const suspects = view.suspects.map(brief).join("; ");
      const told = `${view.verdict} [${suspects}]`;
      const stable = told.replaceAll(/ 0\.\d+/g, "");
      if (stable === before) return [];
      before = stable;
      const failing = view.flows.filter(({ state }) => state === "failing").length;
      return [
        `${((at - start) / 1000).toFixed(0).padStart(4)} s ${told} ${failing} failing (${view.reason})`,
      ];
    })
    .join("\n");
}
