import type { FlowEvidence, HopAddress, LocalizeCase } from "./case.ts";
import { DEAD_STREAK } from "./counts.ts";
import type { Suspect } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";

/** Fewer probes that are refused say nothing of which flows are. */
const LEAST_REFUSED = 4;
/** A router in front may refuse in the destination's name. */
const SURE = 0.9;

/**
 * The same flows, those that the destination refuses as ones that work: a refusal is an answer, which proves the way there and back.
 * It is the endpoint that fails, not the way. Of their counts only that one answer is kept.
 */
export function refusedAsWorking(flows: readonly FlowEvidence[]): readonly FlowEvidence[] {
  if (!flows.some(({ refused }) => refused)) return flows;
  return flows.map((flow) => {
    if (!flow.refused) return flow;
    const { refused: _, failing_since: __, one_way: ___, ...rest } = flow;
    return { ...rest, seen: [], last_hop: "unknown", probes: 1, failures: 0, streak: 0 };
  });
}

/** The same for a target whose flows all fail; others keep them as failing, since that some work makes them a fault of its own. */
export function refusedOfOutage(flows: readonly FlowEvidence[]): readonly FlowEvidence[] {
  return flows.every(({ probes, failures }) => failures === probes)
    ? refusedAsWorking(flows)
    : flows;
}

/** So many flows that are refused, and as many that work, tell whether the ones cross a router that the others do not. */
const ENOUGH = 6;

/**
 * What refuses some flows while others work: the endpoint, or one of several behind its address, as the packets get there and its answers come
 * back; or a router that refuses in its name what crosses it, where all that are refused do and none that works. Null where none is refused,
 * or none works.
 */
export function refusing({ target, flows, routers }: LocalizeCase): Suspect | null {
  const refused = flows.filter((flow) => flow.refused === true);
  const failures = sum(refused.map((flow) => flow.failures));
  const works = flows.filter((flow) => flow.failures === 0);
  if (failures < LEAST_REFUSED || works.length === 0) return null;
  const probes = sum(refused.map((flow) => flow.probes));
  const loss = failures / Math.max(1, probes);
  const segment = "return_or_endpoint";
  const endpoint: SuspectPlace = {
    from: target,
    to: null,
    segment,
    place: "endpoint",
    name: target,
  };
  const behind = refusedBehind(target, refused, works);
  const router = behind && routerAt(behind, routers);
  // What comes together again behind it reaches the destination alike: nothing there knows by which router it came.
  const [place, other] =
    router !== null && behind?.merges ? [router, endpoint] : [endpoint, router];
  return {
    ...place,
    loss_ratio: Number(((loss * refused.length) / flows.length).toFixed(4)),
    confidence: SURE,
    reason:
      (place === endpoint
        ? `the destination itself refuses ${refused.length} of ${flows.length} flows, which get there and have answers come back; `
        : `${refused.length} of ${flows.length} flows are refused in the destination's name, all that cross ${place.name} and no other; `) +
      `they lost ${failures} of ${probes} probes, ${works.length} other flows lost none.`,
    alternatives: other === null ? [] : [other],
  };
}

function routerAt({ hop, next }: RefusedBehind, routers: LocalizeCase["routers"]): SuspectPlace {
  const name = routers?.[hop] ?? hop;
  return { from: hop, to: next, segment: "forward", place: "router", name };
}

/** A hop that all refused flows cross and none that works. */
interface RefusedBehind {
  readonly hop: string;
  readonly next: string | null;
  /** Whether flows that work meet them again farther on. */
  readonly merges: boolean;
}

/** The first such hop; null where there is none, or the ways of too few flows are known. */
function refusedBehind(
  target: string,
  refused: readonly FlowEvidence[],
  works: readonly FlowEvidence[],
): RefusedBehind | null {
  const ways = waysOf(refused);
  const others = waysOf(works);
  const [way] = ways;
  if (way === undefined || ways.length < ENOUGH || others.length < ENOUGH) return null;
  const met = new Set(others.flat());
  const at = way.findIndex(
    (hop) => hop !== null && !met.has(hop) && ways.every((path) => path.includes(hop)),
  );
  const hop = way[at] ?? null;
  if (hop === null || hop === target) return null;
  const rest = way.slice(at + 1);
  const merges = rest.some((next) => next !== null && next !== target && met.has(next));
  return { hop, next: rest[0] ?? null, merges };
}

/** The ways that are known. */
function waysOf(flows: readonly FlowEvidence[]): (readonly HopAddress[])[] {
  return flows.flatMap(({ path }) => (path === null ? [] : [path]));
}

/** Whether most flows that the destination refuses are refused again and again: else it refuses now one and now another. */
export function areRefusedForGood(flows: readonly FlowEvidence[]): boolean {
  const refused = flows.filter((flow) => flow.refused === true);
  const forGood = refused.filter(({ failures, streak = failures }) => streak >= DEAD_STREAK);
  return 2 * forGood.length > refused.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
