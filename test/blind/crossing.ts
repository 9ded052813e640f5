import type { JudgedCase, Pair } from "./blind-case.ts";

/** A flow's hops as far as a judge knows them. */
export interface KnownWay {
  /** Null where a hop is silent or, unless `complete`, perhaps only was not heard. */
  readonly hops: readonly (string | null)[];
  /** Every hop that ever answers is there. */
  readonly complete: boolean;
}

/** The hops of every flow; undefined where nothing is known. */
export type KnownWays = readonly (KnownWay | undefined)[];

/** The ways of a case: those of its truth, else what sweeps of healthy flows have shown. */
export function knownWays({ case: { flows }, truth: { ways } }: JudgedCase): KnownWays {
  return flows.map(({ path }, index) => {
    const true_ = ways?.[index];
    if (true_ !== undefined) return { hops: true_, complete: true };
    return path === null ? undefined : { hops: path, complete: !path.includes(null) };
  });
}

/**
 * Whether a flow crosses two consecutive answering hops, or with `to` null goes on from a hop to a silent one;
 * undefined where its gaps leave that open.
 */
export function crosses(way: KnownWay | undefined, [from, to]: Pair): boolean | undefined {
  if (way === undefined) return undefined;
  const { hops, complete } = way;
  const found = hops.some((hop, at) => {
    if (to === null) return hop === null && (hops[at - 1] ?? null) === from;
    return hop === to && (hops.slice(0, at).findLast((each) => each !== null) ?? null) === from;
  });
  return found || complete ? found : undefined;
}

/** Whether a flow crosses a hop; undefined where its gaps leave that open. */
export function passes(way: KnownWay | undefined, hop: string): boolean | undefined {
  if (way === undefined) return undefined;
  return way.hops.includes(hop) || (way.complete ? false : undefined);
}

/** The flows of which something is known to hold. */
export function flowsWhere(
  ways: KnownWays,
  holds: (way: KnownWay | undefined) => boolean | undefined,
): number[] {
  return ways.flatMap((way, index) => (holds(way) === true ? [index] : []));
}

/** Whether what holds of some flow holds of exactly these, as far as is known. */
export function isExactly(
  ways: KnownWays,
  holds: (way: KnownWay | undefined) => boolean | undefined,
  flows: readonly number[],
): boolean {
  const wanted = new Set(flows);
  const told = ways.map(holds);
  return (
    told.includes(true) &&
    told.every((value, index) => value === undefined || value === wanted.has(index))
  );
}

/** Every pair of consecutive answering hops of the ways. */
export function allPairs(ways: KnownWays): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const way of ways) {
    const own = way?.hops.filter((hop) => hop !== null) ?? [];
    own.forEach((hop, index) => {
      const pair: Pair = [own[index - 1] ?? null, hop];
      pairs.set(pair.join(" "), pair);
    });
  }
  return [...pairs.values()];
}
