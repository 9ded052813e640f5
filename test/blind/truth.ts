import type { Answering } from "./answering.ts";
import type { Pair, TrueFault } from "./blind-case.ts";
import type { Break } from "./breaks.ts";
import type { SeenFlow } from "./probing.ts";
import type { Way } from "./ways.ts";

/** What the truth of a case is read from. */
interface TruthScene {
  readonly answers: Pick<Answering, "addressesOf">;
  readonly ways: readonly Way[];
  /** Addresses that several routers answer with. */
  readonly shared: readonly string[];
}

/** Consecutive answering hops of a path, silent ones left out. */
export function pairsOf(path: readonly (string | null)[]): [string, string][] {
  const hops = path.filter((hop) => hop !== null);
  return hops.slice(1).map((hop, index) => [hops[index] ?? "", hop]);
}

/** What a break is in the words of the cases: the pairs of hops that name it, and the flows that it hits. */
export function truthOf(
  each: Break,
  { ways, answers, shared }: TruthScene,
  flows: readonly SeenFlow[],
): TrueFault {
  const hit = ways.flatMap((way, index) => (each.hits(way) ? [index] : []));
  const pairs = new Map<string, Pair>();
  const names = new Set<string>();
  for (const index of hit) {
    const way = ways[index];
    if (way === undefined) continue;
    const broken = each.placesOf(way);
    for (const hops of [way.steps.map(({ answer }) => answer), flows[index]?.path ?? []]) {
      for (const step of broken) {
        if (hops.length === 0) continue;
        for (const pair of around(hops, step, shared)) pairs.set(String(pair), pair);
      }
    }
    const at = way.steps[broken[0] ?? -1];
    if (at?.answer != null && !shared.includes(at.answer)) names.add(at.answer);
    if (at !== undefined && each.what === "router") {
      for (const address of answers.addressesOf(at.edge.to)) names.add(address);
    }
  }
  return {
    what: each.what === "limit" ? "endpoint" : each.what,
    loss: each.loss,
    links: [...pairs.values()],
    flows: hit,
    names: [...names],
  };
}

/**
 * The answering hops on both sides of a step, an address that several routers share being nobody's; and where the step
 * leads to a silent hop, that as well.
 */
function around(hops: readonly (string | null)[], step: number, shared: readonly string[]): Pair[] {
  const own = hops.map((hop) => (hop !== null && shared.includes(hop) ? null : hop));
  const before = own.slice(0, step).findLast((hop) => hop !== null) ?? null;
  const after = own.slice(step).find((hop) => hop !== null) ?? null;
  const pairs: Pair[] = [[before, after]];
  if (own[step] === null && before !== null) pairs.push([before, null]);
  return pairs;
}

/** What may be said. What chance might do as well may be called healthy, and what has died for good so far a path fault. */
export function verdictsOf(
  breaks: readonly Break[],
  flows: readonly SeenFlow[],
  ways: readonly Way[],
): string[] {
  // A loss of up to 1 % all over is nobody's fault; that it is there may be said.
  if (breaks.length === 0) return ["healthy", "indeterminate"];
  if (breaks.some(({ what }) => what === "source")) return ["source_fault"];
  const hit = flows.filter(
    (_, i) => ways[i] !== undefined && breaks.some((each) => each.hits(ways[i] as Way)),
  );
  const failed = hit.filter(({ failures }) => failures > 0);
  const gone = hit.filter(({ probes, failures }) => failures === probes);
  if (gone.length === flows.length) {
    // Where no hop has answered, the first of them may be gone as well as the source.
    const answered = flows.some(({ seen = [] }) => seen.length > 0);
    return answered ? ["target_down"] : ["target_down", "source_fault"];
  }
  if (breaks.some(({ loss }) => loss === 1)) return ["path_fault"];
  const lost = failed.reduce((sum, { failures }) => sum + failures, 0);
  const told = ["path_loss"];
  if (lost < 6) told.push("healthy", "indeterminate");
  if (gone.length > 0) told.push("path_fault");
  if (hit.length === flows.length) told.push("indeterminate");
  return told;
}
