import type { ProbedFlow } from "../probe/probed-flow.ts";
import { keyOf, knownPaths, type Way } from "./known-paths.ts";
import type { KnownPath, KnownWay } from "./known-way.ts";
import type { ToldWays } from "./told-ways.ts";

/** What sweeps found of a way, and when. */
export interface SweptWay {
  readonly hops: Way;
  readonly at: number;
}

/** What follows from the ways of all flows; made anew when one of them has changed but to take a path that others take. */
export interface Resolved {
  readonly ways: Map<ProbedFlow, KnownWay>;
  /** Paths with the routers they cross. */
  readonly paths: ReadonlyMap<KnownPath, Way>;
  /** By key of every way without gaps its path. */
  readonly whole: ReadonlyMap<string, KnownPath>;
}

/**
 * Tells which paths there are, and which of them each flow takes.
 * @param flows of which something is known
 * @param lately other ways that speak for the paths there are
 * @param told how paths are told apart
 * @param pathOf the path over these routers, which these ways take, at least one
 */
export function resolveWays(
  flows: ReadonlyMap<ProbedFlow, SweptWay>,
  lately: readonly SweptWay[],
  told: ToldWays,
  pathOf: (way: Way, takers: readonly SweptWay[]) => KnownPath,
): Resolved {
  const swept = [...flows.values(), ...lately];
  const tolds = swept.map(({ hops }) => told.told(hops));
  const known = knownPaths(tolds);
  const takers: SweptWay[][] = known.paths.map(() => []);
  for (const [index, way] of swept.entries()) takers[known.pathOf[index] ?? -1]?.push(way);
  const paths = known.paths.map((way, index) => pathOf(way, takers[index] ?? []));
  const whole = new Map<string, KnownPath>();
  for (const [index, way] of tolds.entries()) {
    const path = paths[known.pathOf[index] ?? -1];
    if (path !== undefined && !whole.has(keyOf(way)) && !way.includes(null)) {
      whole.set(keyOf(way), path);
    }
  }
  const ways = new Map<ProbedFlow, KnownWay>();
  let index = 0;
  for (const [flow, { hops, at }] of flows) {
    const taken = known.pathOf[index] ?? -1;
    const way = known.paths[taken];
    const open = tolds[index]?.some((hop, ttl) => hop === null && way?.[ttl] !== null) ?? false;
    ways.set(flow, { path: paths[taken], hops: told.shown(hops), at, open });
    index += 1;
  }
  return {
    ways,
    paths: new Map(paths.map((path, place) => [path, known.paths[place] ?? []])),
    whole,
  };
}
