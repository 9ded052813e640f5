import { type Link, type Place, straight } from "./crossing.ts";
import { type Network, SOURCE } from "./network.ts";

/** Share of answers that a hop which does answer fails to give while a path is learnt. */
const GAP_RATE = 0.04;
/** Chance beforehand that one more router stands between two hops and never answers. */
const SILENT_PRIOR = 0.2;

/**
 * Turns ladders of places into crossed links. One silent TTL between two hops may be a router that never answers, or
 * a known router whose answer was lost when the path was learnt; how many flows show the gap decides, and the flow is
 * spread over what remains possible.
 */
export function fillGaps(network: Network, ladders: readonly (readonly Place[])[]): Link[][] {
  const flowsThrough = new Map<number, Map<string, number>>();
  const gapFlows = new Map<number, number>();
  for (const places of ladders) {
    places.forEach(({ id }, i) => {
      const before = places[i - 1];
      const after = places[i + 1];
      if (!network.answers(id)) {
        gapFlows.set(id, (gapFlows.get(id) ?? 0) + 1);
      } else if (before && after) {
        const key = `${before.id} ${after.id}`;
        const through = flowsThrough.get(id) ?? new Map<string, number>();
        through.set(key, (through.get(key) ?? 0) + 1);
        flowsThrough.set(id, through);
      }
    });
  }
  if (gapFlows.size === 0) {
    return ladders.map(straight);
  }
  const fillings = new Map<number, Map<number, number>>();
  return ladders.map((places) =>
    places.slice(1).flatMap((place, i) => {
      const before = places[i] ?? { id: SOURCE, at: -1 };
      const link: Link = { from: before.id, to: place.id, weight: 1, depth: place.at };
      const silent = !network.answers(place.id);
      if (!silent && network.answers(before.id)) {
        return [link];
      }
      const gap = silent ? place : before;
      const outer = silent ? places[i + 2] : place;
      const inner = silent ? before : places[i - 1];
      if (!outer || !inner) {
        return [link];
      }
      const filling =
        fillings.get(gap.id) ?? fill(network, flowsThrough, gapFlows, inner.id, gap.id, outer.id);
      fillings.set(gap.id, filling);
      return [...filling].map(([id, weight]) =>
        silent ? { ...link, to: id, weight } : { ...link, from: id, weight },
      );
    }),
  );
}

/** What a gap may be, with the chance of each. */
function fill(
  network: Network,
  flowsThrough: ReadonlyMap<number, ReadonlyMap<string, number>>,
  gapFlows: ReadonlyMap<number, number>,
  before: number,
  gap: number,
  after: number,
): Map<number, number> {
  const candidates: [number, number][] = [];
  if (network.hops[gap]?.ttls === 1) {
    for (const [id, through] of flowsThrough) {
      const flows = through.get(`${before} ${after}`) ?? 0;
      if (flows > 0) {
        candidates.push([id, flows]);
      }
    }
  }
  const flows = candidates.reduce((sum, [, n]) => sum + n, 0);
  if (flows === 0) {
    return new Map([[gap, 1]]);
  }
  const gaps = gapFlows.get(gap) ?? 1;
  const lost = poisson(GAP_RATE * flows, gaps) * (1 - SILENT_PRIOR);
  const silent = poisson(flows / candidates.length, gaps) * SILENT_PRIOR;
  const share = lost / (lost + silent);
  const filling = new Map<number, number>([[gap, 1 - share]]);
  for (const [id, n] of candidates) {
    filling.set(id, (share * n) / flows);
  }
  return filling;
}

/** Poisson weight without the factorial, which cancels. */
function poisson(mean: number, events: number): number {
  return Math.exp(events * Math.log(mean) - mean);
}
