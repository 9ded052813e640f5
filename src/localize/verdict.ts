import type { LocalizeCase } from "./case.ts";
import { isDead } from "./counts.ts";
import type { Effect } from "./effect.ts";
import type { SuspectPlace } from "./suspect-place.ts";
import { likeliestPlace } from "./suspect-reason.ts";

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

/** What the search for hypotheses has shown of a window, as far as the verdict needs it. */
export interface Findings {
  /** What the faults found do to flows: kill some of them, or take a part of their packets; null where there is none. */
  readonly effect: Effect["kind"] | null;
  /** The surest suspect, null where the place of the fault cannot be told. */
  readonly surest: SuspectPlace | null;
  /** What is at fault when every flow fails by now, else null. */
  readonly end: "source" | "target" | null;
}

/** Fewer valid probes than this in a window say nothing. */
const LEAST_PROBES = 3;
/** Noise takes no more than this share of the probes. */
const MOST_NOISE = 0.002;
/** Failures this many deviations above the most that noise takes are no noise, even if no place explains them. */
const DEVIATIONS = 5;

/** What probes of a window came to. */
export interface WindowCounts {
  readonly probes: number;
  readonly failures: number;
  readonly flows: number;
  /** Flows of which a probe failed, and those that look dead. */
  readonly failing: number;
  readonly dead: number;
}

/** The verdict on one window of a target, the ends excluded first. */
export function judge({ flows }: LocalizeCase, findings: Findings): Judgement {
  const counts = {
    probes: flows.reduce((sum, flow) => sum + flow.probes, 0),
    failures: flows.reduce((sum, flow) => sum + flow.failures, 0),
    flows: flows.length,
    failing: flows.filter((flow) => flow.failures > 0).length,
    dead: flows.filter(isDead).length,
  };
  return judgeCounts(counts, findings);
}

/** The same by numbers alone. */
export function judgeCounts(
  { probes, failures, flows, failing, dead }: WindowCounts,
  { effect, surest, end }: Findings,
): Judgement {
  const lost = `${failures} of ${probes} probes on ${failing} of ${flows} flows failed`;
  const others = `${flows - failing} lost nothing`;
  const place = surest ? likeliestPlace(surest) : "the place cannot be told";
  if (probes < LEAST_PROBES) {
    return {
      verdict: "indeterminate",
      reason: `Only ${probes} valid probes so far, at least ${LEAST_PROBES} are needed.`,
    };
  }
  if (end === "source") {
    return { verdict: "source_fault", reason: `${lost}, and no hop answers the sweeps.` };
  }
  if (end === "target" || failures === probes) {
    const ends = end === "target" ? "all sweeps end before one link, " : "";
    const where = surest ? `; ${ends}${place}` : "";
    return { verdict: "target_down", reason: `Every flow fails: ${lost}${where}.` };
  }
  if (effect === "dead") {
    return {
      verdict: "path_fault",
      reason: `${dead} of ${flows} flows fail on every probe and ${others}: ${lost}; ${place}.`,
    };
  }
  if (effect === "loss") {
    return {
      verdict: "path_loss",
      reason: `${failing} of ${flows} flows lose a part of their packets and ${others}: ${lost}; ${place}.`,
    };
  }
  const noise = MOST_NOISE * probes;
  if (failures > noise + DEVIATIONS * Math.sqrt(noise) + DEVIATIONS) {
    return {
      verdict: "indeterminate",
      reason: `${lost}, more than chance explains, but spread so that no place explains them.`,
    };
  }
  return {
    verdict: "healthy",
    reason:
      failures === 0
        ? `All ${probes} probes on ${flows} flows were answered.`
        : `${lost}, no more than chance explains.`,
  };
}
