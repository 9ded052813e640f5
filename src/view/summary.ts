import { withReasonNow } from "../verdict/reason-now.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";
import type { PastHour } from "./target-history.ts";
import type { TargetState } from "./target-view.ts";

/** A target in a few numbers. */
export interface SummaryRow extends PastHour {
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

const NO_PAST: PastHour = { success_ratio: null, changed_at: null, hour: "" };

/** Sums a target up. @param paths what is known of its paths, while it is probed @param past what it was like */
export function summaryRow(
  state: TargetState,
  paths: TargetPaths | undefined,
  past: PastHour = NO_PAST,
): SummaryRow {
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
    paths: paths?.topology.paths().length ?? 0,
    coverage: Number((paths?.topology.coverage() ?? 0).toFixed(4)),
    ...past,
  };
}
