import type { LocalizeCase } from "./case.ts";
import type { Cause } from "./cause.ts";

/** What can be said of a target. */
export const VERDICTS = [
  "healthy",
  "path_fault",
  "path_loss",
  "target_down",
  "source_fault",
  "indeterminate",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A verdict and why, in one sentence with numbers. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** Fewer valid probes than this in a window say nothing. */
const LEAST_PROBES = 3;

/**
 * The verdict on one window of a target, the ends excluded first.
 * @param causes the explanation that was found, empty where none was needed
 * @param all what is at fault when every flow fails by now, else null
 */
export function judge(
  input: LocalizeCase,
  causes: readonly Cause[],
  all: "source" | "target" | null = null,
): Judgement {
  const { flows } = input;
  const probes = flows.reduce((sum, flow) => sum + flow.probes, 0);
  const failures = flows.reduce((sum, flow) => sum + flow.failures, 0);
  const failing = flows.filter((flow) => flow.failures > 0).length;
  const lost = `${failures} of ${probes} probes on ${failing} of ${flows.length} flows failed`;
  if (probes < LEAST_PROBES) {
    return {
      verdict: "indeterminate",
      reason: `Only ${probes} valid probes so far, at least ${LEAST_PROBES} are needed.`,
    };
  }
  if (all === "source") {
    return { verdict: "source_fault", reason: `${lost}, and no hop answers the sweeps.` };
  }
  if (all === "target" || failures === probes) {
    return { verdict: "target_down", reason: `Every flow fails: ${lost}.` };
  }
  const fault = causes.find(({ effect }) => effect.kind === "dead");
  if (fault) {
    return {
      verdict: "path_fault",
      reason: `Some flows fail for good while others work: ${lost}.`,
    };
  }
  if (causes.length > 0) {
    return { verdict: "path_loss", reason: `Some paths lose a part of their packets: ${lost}.` };
  }
  return {
    verdict: "healthy",
    reason:
      failures === 0
        ? `All ${probes} probes on ${flows.length} flows were answered.`
        : `${lost}, no more than chance explains.`,
  };
}
