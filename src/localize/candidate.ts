import type { Effect } from "./effect.ts";
import type { Fit } from "./effect-estimation.ts";
import type { FaultLocation } from "./fault-location.ts";
import { effectsOf, type Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";
import type { LocationKind } from "./member.ts";

/**
 * Nats, set by hand beside `npm run bench:localize` (2026-11), added to loss of a router where the same flows cross one link: their counts do not part the two, and the smaller
 * thing is to be named unless the sweeps say otherwise. A link that is unlikely by itself to be what fails is no smaller thing.
 */
const LARGER = 4;

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

/** Every effect that every location may have. */
export function candidatesOf(locations: readonly FaultLocation[]): Candidate[] {
  const plain = locations.filter(({ kind, picked }) => kind === "link" && picked <= 0);
  const links = new Set(plain.map(({ flowsKey }) => flowsKey));
  return locations.flatMap((location) => {
    const double =
      location.shared === undefined &&
      location.isLink !== true &&
      !["link", "behind"].includes(location.kind) &&
      links.has(location.flowsKey);
    return effectsOf(location).map(([effect, cost]) => ({
      location,
      effect,
      cost: cost + (double && effect.kind === "loss" ? LARGER : 0),
      looks: [],
    }));
  });
}

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
