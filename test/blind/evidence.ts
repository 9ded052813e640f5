import type { JudgedCase, Pair, TrueFault } from "./blind-case.ts";
import { allPairs, crosses, flowsWhere, type KnownWays, knownWays } from "./crossing.ts";

/** Gain over chance below which nobody need be accused, in nats. */
const LEAST_GAIN = 9;
/** How much likelier than any other place the true one has to be, in nats. */
const LEAST_LEAD = 3;
/** Loss that is nobody's fault, where a case does not say more. */
const NOISE = 0.003;
/** Of a flow that is dead: its sweep ends right before the fault; per answering hop earlier; beyond it. In nats. */
const SWEEP = { exact: 0.15, short: 2.2, beyond: 8 };

/**
 * Whether a case shows enough to find a fault, the other faults of the case being known: the counts of the flows that it
 * hits are at least 9 nats likelier with it than by chance, and by counts and ends of sweeps it is at least 3 nats likelier than
 * a loss at any other pair of hops that other flows cross. Where it hits a share of a place's flows, which share is counted
 * against it (the logarithm of the ways to choose it). What all flows lose a part to cannot be told from the target's own loss.
 */
export function isEnough(judged: JudgedCase, fault: TrueFault): boolean {
  const { flows } = judged.case;
  if (fault.what === "source" || fault.what === "target") return true;
  if (fault.flows.length === 0) return false;
  if (fault.flows.length === flows.length && fault.loss < 1) return false;
  const ways = knownWays(judged);
  const others = judged.truth.faults.filter((other) => other !== fault);
  const lives = flows.map((_, index) =>
    others.reduce(
      (chance, { loss, flows: hit }) => (hit.includes(index) ? chance * (1 - loss) : chance),
      1 - NOISE,
    ),
  );
  const gain = (hit: readonly number[], loss: number): number =>
    hit.reduce((sum, index) => {
      const flow = flows[index];
      const rest = lives[index] ?? 1;
      if (flow === undefined) return sum;
      return sum + likelihood(flow, rest * (1 - loss)) - likelihood(flow, rest);
    }, 0);

  const crossings = allPairs(ways).map((pair) => ({
    pair,
    hit: flowsWhere(ways, (way) => crosses(way, pair)),
  }));
  const place = placeOf(fault, crossings, flows.length);
  const own = gain(fault.flows, bestLoss(fault.flows, gain)) - choices(place, fault.flows.length);
  if (own < LEAST_GAIN) return false;
  const ends =
    fault.links.length === 0
      ? behind(judged, fault, ways)
      : sweeps(judged, fault.flows, ways, fault.links);
  const rival = Math.max(
    Number.NEGATIVE_INFINITY,
    ...crossings
      .filter(({ pair, hit }) => !isOf(fault, pair) && !sameFlows(ways, hit, fault.flows))
      .filter(({ hit }) => hit.some((flow) => fault.flows.includes(flow)))
      .map(({ pair, hit }) => gain(hit, bestLoss(hit, gain)) - sweeps(judged, hit, ways, [pair])),
  );
  return own - ends - rival >= LEAST_LEAD;
}

function isOf({ links }: TrueFault, [from, to]: Pair): boolean {
  return links.some((link) => link[0] === from && link[1] === to);
}

/** How many flows cross the place of which the fault takes some: the bundle, or behind the last router all. */
function placeOf(
  { what, links, flows }: TrueFault,
  crossings: readonly { pair: Pair; hit: readonly number[] }[],
  all: number,
): number {
  if (what === "return" || what === "endpoint") return all;
  if (what !== "lag") return flows.length;
  const bundle = crossings.filter(({ pair }) =>
    links.some((link) => link[0] === pair[0] && link[1] === pair[1]),
  );
  return Math.max(flows.length, new Set(bundle.flatMap(({ hit }) => hit)).size);
}

/** The logarithm of the ways to choose `hit` of `all`, and of the sizes that a choice may have where there is one. */
function choices(all: number, hit: number): number {
  if (all === hit) return 0;
  let sum = Math.log(all + 1);
  for (let i = 1; i <= hit; i++) sum += Math.log((all - hit + i) / i);
  return sum;
}

function likelihood(
  { probes, failures }: { probes: number; failures: number },
  lives: number,
): number {
  const alive = Math.min(1 - 1e-4, Math.max(1e-4, lives));
  return failures * Math.log(1 - alive) + (probes - failures) * Math.log(alive);
}

function bestLoss(
  hit: readonly number[],
  gain: (hit: readonly number[], loss: number) => number,
): number {
  const tried = [0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1];
  return tried.reduce((best, loss) => (gain(hit, loss) > gain(hit, best) ? loss : best), 0);
}

/** What the ends of the sweeps of dead flows cost if the fault were at these pairs. */
function sweeps(
  { case: { flows } }: JudgedCase,
  hit: readonly number[],
  ways: KnownWays,
  pairs: readonly Pair[],
): number {
  return hit.reduce((sum, index) => {
    const flow = flows[index];
    const own = ways[index]?.hops.filter((hop) => hop !== null);
    if (own === undefined || flow === undefined) return sum;
    if (flow.failures < flow.probes || flow.last_hop === "unknown") return sum;
    const answered = own.lastIndexOf(flow.last_hop) + 1;
    const dies = own.flatMap((hop, at) =>
      pairs.some(([from, to]) => to === hop && from === (own[at - 1] ?? null)) ? [at] : [],
    );
    const costs = dies.map((at) =>
      answered > at ? SWEEP.beyond : SWEEP.exact + SWEEP.short * (at - answered),
    );
    return costs.length === 0 ? sum : sum + Math.min(...costs);
  }, 0);
}

/** The same for a fault behind the last router. */
function behind(judged: JudgedCase, { flows: hit }: TrueFault, ways: KnownWays): number {
  return hit.reduce((sum, index) => {
    const own = ways[index]?.hops.filter((hop) => hop !== null);
    if (own === undefined) return sum;
    return sum + sweeps(judged, [index], ways, [[own.at(-2) ?? null, own.at(-1) ?? null]]);
  }, 0);
}

/** Whether two lists hold the same flows, those left out of which no way is known. */
function sameFlows(ways: KnownWays, one: readonly number[], other: readonly number[]): boolean {
  const known = (list: readonly number[]): number[] =>
    list.filter((flow) => ways[flow] !== undefined);
  const [mine, theirs] = [known(one), new Set(known(other))];
  return mine.length === theirs.size && mine.every((flow) => theirs.has(flow));
}
