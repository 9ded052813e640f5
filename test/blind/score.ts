import type { JudgedCase, TrueFault } from "./blind-case.ts";
import {
  crosses,
  flowsWhere,
  isExactly,
  type KnownWay,
  type KnownWays,
  knownWays,
  passes,
} from "./crossing.ts";
import { isEnough } from "./evidence.ts";

/** A suspect as the answer to a case tells it. */
export interface Suspect {
  readonly from: string | null;
  readonly to: string | null;
  readonly segment: string;
  readonly confidence: number;
  readonly place?: string;
  readonly name?: string;
}

/** The answer to a case. */
export interface Answer {
  readonly verdict: string;
  readonly suspects: readonly Suspect[];
}

/** What was counted over cases. */
export interface Tally {
  cases: number;
  verdicts: number;
  suspects: number;
  right: number;
  /** Suspects that are right of a fault that another one told already. */
  extra: number;
  /** Faults that left enough evidence, and those of them that were found. */
  faults: number;
  found: number;
  /** Right suspects with a place, and those whose place and name are right as well. */
  placed: number;
  places: number;
  names: number;
}

/** How one answer was judged. */
export interface Judgement {
  readonly tally: Tally;
  /** Confidence of each suspect, and whether it is right. */
  readonly told: readonly (readonly [confidence: number, right: boolean])[];
}

const BEHIND = ["return", "endpoint", "target"];
/** Places that are right of what is broken. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  link: ["link"],
  router: ["router"],
  lag: ["bundle"],
  return: ["return", "endpoint", "beyond"],
  endpoint: ["endpoint", "return", "beyond"],
  target: ["endpoint", "beyond", "return"],
  source: ["source"],
};

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    cases: 0,
    verdicts: 0,
    suspects: 0,
    right: 0,
    extra: 0,
    faults: 0,
    found: 0,
    placed: 0,
    places: 0,
    names: 0,
  };
}

/** Judges the answer to a case. */
export function judge(judged: JudgedCase, { verdict, suspects }: Answer): Judgement {
  const { faults, verdicts } = judged.truth;
  const ways = knownWays(judged);
  const tally = { ...emptyTally(), cases: 1, suspects: suspects.length };
  const blind = faults.every((fault) => !isEnough(judged, fault));
  const goodVerdict =
    verdicts.includes(verdict) || (blind && faults.length > 0 && verdict === "indeterminate");
  tally.verdicts = goodVerdict ? 1 : 0;
  const found = new Set<TrueFault>();
  const told = suspects.map((suspect): [number, boolean] => {
    const fault =
      faults.find((each) => !found.has(each) && isRight(suspect, each, judged, ways)) ??
      faults.find((each) => isRight(suspect, each, judged, ways));
    if (fault === undefined) return [suspect.confidence, false];
    tally.right++;
    if (found.has(fault)) tally.extra++;
    found.add(fault);
    if (suspect.place !== undefined) {
      tally.placed++;
      if (isPlace(suspect, fault, ways)) tally.places++;
      if (isName(suspect, fault, ways)) tally.names++;
    }
    return [suspect.confidence, true];
  });
  for (const fault of faults) {
    if (!isEnough(judged, fault)) continue;
    tally.faults++;
    // Of a target that is down, and of a source, the verdict is the answer.
    const ends = fault.what === "source" || fault.flows.length === judged.case.flows.length;
    if (found.has(fault) || (ends && goodVerdict)) tally.found++;
  }
  return { tally, told };
}

/** One of the fault's pairs, or crossed by exactly the flows that it hits; and on the right way. */
function isRight(
  suspect: Suspect,
  fault: TrueFault,
  { case: { target, flows } }: JudgedCase,
  ways: KnownWays,
): boolean {
  const forward = suspect.segment === "forward";
  if (fault.what === "source") return suspect.from === null || suspect.place === "source";
  if (BEHIND.includes(fault.what)) {
    return !forward || (fault.what === "target" && suspect.to === target);
  }
  const all = fault.flows.length === flows.length;
  const last = fault.links.some(([, to]) => to === target);
  if (!forward && !last) return all && fault.loss < 1;
  if (fault.links.some(([from, to]) => from === suspect.from && to === suspect.to)) return true;
  if (!forward && all) return true;
  if (
    suspect.place === "router" &&
    routerNames(suspect).some((name) => fault.names?.includes(name))
  ) {
    return fault.what === "router" || isExactly(ways, hitBy(suspect), fault.flows);
  }
  if (isExactly(ways, hitBy(suspect), fault.flows)) return true;
  // Which of two bundles in a row, crossed by the same flows, has the lossy member: sweeps get past it, so nothing tells.
  const isLossyMember = fault.what === "lag" && fault.loss < 1 && suspect.place === "bundle";
  if (isLossyMember && isExactly(ways, hitBy(suspect), bundleOf(fault, ways))) return true;
  // "Behind this hop" says as much as the hop itself where all that reaches it is hit.
  const { from, to } = suspect;
  return from !== null && to === null && isExactly(ways, (way) => passes(way, from), fault.flows);
}

/** All flows over the bundle of which the fault is a member. */
function bundleOf({ links }: TrueFault, ways: KnownWays): number[] {
  return flowsWhere(ways, (way) => links.some((pair) => crosses(way, pair) === true));
}

function isPlace(suspect: Suspect, { what, links, flows }: TrueFault, ways: KnownWays): boolean {
  const place = suspect.place ?? "";
  if (PLACES[what]?.includes(place)) return true;
  if (place === "beyond") return suspect.to === null || links.every(([, to]) => to === null);
  return (place === "link" || place === "router") && isExactly(ways, hitBy(suspect), flows);
}

function isName({ name }: Suspect, fault: TrueFault, ways: KnownWays): boolean {
  if (fault.names === undefined || fault.links.length === 0) return true;
  if (name === undefined) return false;
  return fault.names.includes(name) || isExactly(ways, (way) => passes(way, name), fault.flows);
}

function routerNames({ name, from, to }: Suspect): string[] {
  return [name, from, to].filter((each) => each !== null && each !== undefined);
}

/** Which flows a suspect would hit: those over its link, or of a router those through the address that names it. */
function hitBy({
  from,
  to,
  place,
  name,
}: Suspect): (way: KnownWay | undefined) => boolean | undefined {
  if (place !== "router") return (way) => crosses(way, [from, to]);
  return (way) => passes(way, name ?? from ?? to ?? "");
}
