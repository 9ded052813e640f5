import type { Effect } from "./effect.ts";
import type { Fit } from "./effect-estimation.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";
import type { LocationKind } from "./member.ts";

/** A hypothesis that may be added to a set. */
export interface Candidate {
  readonly location: FaultLocation;
  readonly effect: Effect;
  readonly cost: number;
  /** The last looks at it, by the state of the set: searching goes some steps off and comes back. */
  looks: readonly Look[];
}

/** The best fit at one state, null when it cannot gain anything. */
export interface Look {
  readonly stamp: number;
  readonly fit: Fit | null;
  /** Whether it was more than a first look. */
  readonly full: boolean;
}

/** What may be one of several addresses. */
const PARTS: readonly LocationKind[] = ["link", "router", "forwarder"];
/** What is one place by itself. */
const WHOLE: readonly LocationKind[] = [...PARTS, "silent"];

/** Whether a hypothesis was pieced together by what fails: several addresses, or a share of the flows of a place. */
export function isPieced({ location, effect }: Hypothesis): boolean {
  return location.kind === "aliases" || effect.extent === "share";
}

/** Whether a candidate breaks all of one place that the network itself shows: several such may look like one pieced together. */
export function isWhole({ location: { kind, shared }, effect }: Candidate): boolean {
  return effect.extent === "all" && shared === undefined && WHOLE.includes(kind);
}

/** The candidates that are one of several addresses. */
export function partsOf(whole: FaultLocation, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ location }) => isPartOf(location, whole));
}

/** Whether a place is one of several addresses, or a link out of one of them. */
function isPartOf({ kind, hops, members }: FaultLocation, whole: FaultLocation): boolean {
  if (!PARTS.includes(kind)) return false;
  const has = (hop: number): boolean => whole.hops.includes(hop);
  return hops.every(has) || members.every(({ link }) => link !== null && has(link.from));
}

/** Whether a fault that others have shown is in the set already: it costs nothing, so that it would come again and again. */
export function isSupposed({ hypotheses }: HypothesisSet, location: FaultLocation): boolean {
  return location.shared !== undefined && hypotheses.some((known) => known.location === location);
}
