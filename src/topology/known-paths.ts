/** Hops by TTL from 1, the destination last; null for a hop that is not known, {@link SILENT} for one that never answers. */
export type Way = readonly (string | null)[];

/** Stands for a router that is known never to answer, as opposed to one that has not answered yet. */
export const SILENT = "*";

/** What {@link knownPaths} makes of the ways it was given. */
export interface KnownPaths {
  /** Distinct paths, gaps filled in where other flows know the hop. */
  readonly paths: readonly Way[];
  /** For each way that was given the index of its path; undefined where several paths fit it. */
  readonly pathOf: readonly (number | undefined)[];
}

/** One distinct way while paths are told apart. */
interface Candidate {
  readonly way: Way;
  readonly key: string;
  readonly gaps: number;
  flows: number;
}

/**
 * Tells which distinct paths there are among the ways of flows. A hop that is not known is not another path: a way with
 * gaps joins the one path that it fits, and where several fit, its path is not known yet. Ways with gaps that fit each
 * other and no path without gaps are one path. The result does not depend on the order of the ways.
 */
export function knownPaths(ways: readonly Way[]): KnownPaths {
  const candidates = distinct(ways);
  const ordered = [...candidates.values()].sort(
    (a, b) => a.gaps - b.gaps || b.flows - a.flows || (a.key < b.key ? -1 : 1),
  );
  // A way that turns out to fit several paths must not have filled in the gaps of one of them: once more without it.
  const first = merged(ordered);
  const certain = ordered.filter(({ way, key }) => first.fitting(way, key).length < 2);
  const paths = certain.length === ordered.length ? first : merged(certain);
  const indexes = new Map<string, number | undefined>();
  for (const { key, way } of ordered) {
    const found = paths.fitting(way, key);
    indexes.set(key, found.length === 1 ? found[0] : undefined);
  }
  // In the order in which ways show them.
  const shown = new Map<number, number>();
  const pathOf = ways.map((way) => {
    const index = indexes.get(keyOf(way));
    if (index === undefined) return undefined;
    let place = shown.get(index);
    if (place === undefined) {
      place = shown.size;
      shown.set(index, place);
    }
    return place;
  });
  return { paths: [...shown.keys()].map((index) => paths.all[index] ?? []), pathOf };
}

/** Whether two ways may be of one path: equally long, and nowhere two different hops. */
export function fits(a: Way, b: Way): boolean {
  return a.length === b.length && beginsWith(a, b);
}

/** Whether a way may begin with these hops; hops that are not known fit any. */
export function beginsWith(way: Way, hops: Way): boolean {
  return hops.every((hop, at) => hop === null || way[at] === null || hop === way[at]);
}

/** The first address that any of these flows met at each TTL; null where none did. */
export function firstMet(length: number, flows: readonly { readonly hops: Way }[]): Way {
  return Array.from({ length }, (_, index) => {
    const met = flows.find(({ hops }) => typeof hops[index] === "string");
    return met?.hops[index] ?? null;
  });
}

/** The hops before the first that is not known. */
export function untilGap(way: Way): Way {
  const gap = way.indexOf(null);
  return gap < 0 ? way : way.slice(0, gap);
}

function distinct(ways: readonly Way[]): Map<string, Candidate> {
  const candidates = new Map<string, Candidate>();
  for (const way of ways) {
    const key = keyOf(way);
    const known = candidates.get(key);
    if (known !== undefined) known.flows += 1;
    else
      candidates.set(key, { way, key, flows: 1, gaps: way.filter((hop) => hop === null).length });
  }
  return candidates;
}

/**
 * Distinct paths, found by what fits them. Most ways and paths have no gaps: such a way fits the path that is the same and
 * no other without gaps, so that only paths with gaps are compared hop by hop.
 */
class DistinctPaths {
  readonly all: Way[] = [];
  readonly #whole: Map<string, number> = new Map();
  readonly #withGaps: Set<number> = new Set();

  /** Indexes of the paths that a way fits. */
  fitting(way: Way, key: string): number[] {
    if (way.includes(null)) {
      return this.all.flatMap((path, index) => (fits(path, way) ? [index] : []));
    }
    const found = [...this.#withGaps].filter((index) => fits(this.all[index] ?? [], way));
    const same = this.#whole.get(key);
    return same === undefined ? found : [...found, same];
  }

  /** Takes a path in, or puts it in the place of another. */
  put(index: number, path: Way): void {
    this.all[index] = path;
    if (path.includes(null)) {
      this.#withGaps.add(index);
      return;
    }
    this.#withGaps.delete(index);
    this.#whole.set(keyOf(path), index);
  }
}

/** Paths from ways, those with the fewest gaps first: each way fills in the gaps of the one path it fits, or begins a new one. */
function merged(candidates: readonly Candidate[]): DistinctPaths {
  const paths = new DistinctPaths();
  for (const { way, key } of candidates) {
    const [only, another] = paths.fitting(way, key);
    if (another !== undefined) continue;
    const path = only === undefined ? undefined : paths.all[only];
    if (path === undefined || only === undefined) paths.put(paths.all.length, way);
    else
      paths.put(
        only,
        path.map((hop, at) => hop ?? way[at] ?? null),
      );
  }
  return paths;
}

/** Keys of ways; most flows share theirs with others. */
const KEYS: WeakMap<Way, string> = new WeakMap();

/** The same text for ways of the same hops. */
export function keyOf(way: Way): string {
  let key = KEYS.get(way);
  if (key === undefined) {
    key = way.map((hop) => hop ?? "").join(">");
    KEYS.set(way, key);
  }
  return key;
}
