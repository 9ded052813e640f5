import { linksOf } from "../topology/links.ts";
import { OTHER, type Pair } from "./bucket-series.ts";
import { renderLabels } from "./family.ts";
import type { SeriesBudget } from "./series-budget.ts";
import type { TargetSeries } from "./target-series.ts";

/** The name of the path of a probe whose path cannot be told. */
export const UNKNOWN_PATH = "unknown";
/** The name of this host as the beginning of a link. */
export const SOURCE = "source";

/** Series of a path: probes, failures, its info. Of a link: probes, failures. */
const SERIES_A_PATH = 3;
const SERIES_A_LINK = 2;

/** Probes and failures over one link. */
type LinkPair = Pair & { readonly from: string; readonly to: string };

/** Probes and failures over one path. */
interface PathPair extends Pair {
  /** The hops of the latest probes and the links between them, so that these need not be looked up by name for each probe. */
  hops: readonly (string | null)[] | undefined;
  links: readonly LinkPair[];
}

/** Probes by path and by link of one target, for as long as the topology knows them. */
export class PathSeries {
  readonly #series: TargetSeries;
  readonly #budget: SeriesBudget;
  readonly #paths: Map<string, PathPair> = new Map();
  readonly #links: Map<string, LinkPair> = new Map();
  /** Paths and links that were refused, so that each is counted once. */
  readonly #folded: Set<string> = new Set();
  #reserved = 0;

  constructor(series: TargetSeries, budget: SeriesBudget) {
    this.#series = series;
    this.#budget = budget;
  }

  /** Makes the series of a path and its links, at zero. */
  born(path: { readonly id: string; readonly hops: readonly (string | null)[] }): void {
    this.#path(path.id);
    for (const [from, to] of named(path.hops)) this.#link(from, to);
  }

  /** Adds probes to a path and every link of it; undefined for a path that cannot be told. */
  add(
    path: { readonly id: string; readonly hops: readonly (string | null)[] } | undefined,
    probes: number,
    failures: number,
  ): void {
    const pair = this.#path(path?.id ?? UNKNOWN_PATH);
    pair.probes += probes;
    pair.failures += failures;
    if (path === undefined) return;
    for (const link of this.#linksOf(pair, path.hops)) {
      link.probes += probes;
      link.failures += failures;
    }
  }

  /**
   * The counters of every path that is still known.
   * @param countedAs under which id a path's counters are kept by now, since it has turned out to be another one;
   *   undefined for one that is forgotten, whose counters are dropped
   */
  paths(countedAs: (id: string) => string | undefined): IterableIterator<[string, Pair]> {
    for (const [id, pair] of [...this.#paths]) {
      if (id === UNKNOWN_PATH || id === OTHER) continue;
      const now = countedAs(id);
      if (now === id) continue;
      this.#paths.delete(id);
      this.#release(SERIES_A_PATH);
      if (now === undefined) continue;
      const heir = this.#path(now);
      heir.probes += pair.probes;
      heir.failures += pair.failures;
    }
    return this.#paths.entries();
  }

  /** The counters of every link that `known` still holds; others are dropped. */
  links(known: (from: string, to: string) => boolean): IterableIterator<LinkPair> {
    for (const [key, { from, to }] of this.#links) {
      if (from === OTHER || known(from, to)) continue;
      this.#links.delete(key);
      this.#release(SERIES_A_LINK);
      for (const pair of this.#paths.values()) pair.hops = undefined;
    }
    return this.#links.values();
  }

  /** Gives the share of the limit back. */
  release(): void {
    this.#release(this.#reserved);
  }

  /** The links between these hops, as they are counted for a path. */
  #linksOf(pair: PathPair, hops: readonly (string | null)[]): readonly LinkPair[] {
    if (pair.hops !== undefined && areSame(pair.hops, hops)) return pair.links;
    const links = named(hops).map(([from, to]) => this.#link(from, to));
    // Room for those that were refused is asked for again with every probe.
    pair.hops = links.some(({ from }) => from === OTHER) ? undefined : hops;
    pair.links = links;
    return links;
  }

  #path(id: string): PathPair {
    const known = this.#paths.get(id);
    if (known !== undefined) return known;
    if (id !== UNKNOWN_PATH && id !== OTHER && !this.#budget.reserve(SERIES_A_PATH)) {
      this.#fold(id);
      return this.#path(OTHER);
    }
    if (id === UNKNOWN_PATH || id === OTHER) this.#budget.take(SERIES_A_PATH);
    this.#reserved += SERIES_A_PATH;
    const labels = this.#series.labelled(`path="${id}"`);
    const pair = { labels, probes: 0, failures: 0, hops: undefined, links: [] };
    this.#paths.set(id, pair);
    return pair;
  }

  #link(from: string, to: string): LinkPair {
    const known = this.#links.get(`${from} ${to}`);
    if (known !== undefined) return known;
    if (from !== OTHER && !this.#budget.reserve(SERIES_A_LINK)) {
      this.#fold(`${from} ${to}`);
      return this.#link(OTHER, OTHER);
    }
    if (from === OTHER) this.#budget.take(SERIES_A_LINK);
    this.#reserved += SERIES_A_LINK;
    const labels = this.#series.labelled(renderLabels({ hop_from: from, hop_to: to }));
    const link = { labels, probes: 0, failures: 0, from, to };
    this.#links.set(`${from} ${to}`, link);
    return link;
  }

  #fold(name: string): void {
    if (!this.#folded.has(name)) this.#budget.fold();
    this.#folded.add(name);
  }

  #release(series: number): void {
    this.#budget.release(series);
    this.#reserved -= series;
  }
}

function areSame(a: readonly (string | null)[], b: readonly (string | null)[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** The links of a path, with the one from this host to a first hop that answers. */
function named(hops: readonly (string | null)[]): [string, string][] {
  const [first] = hops;
  return typeof first === "string" ? [[SOURCE, first], ...linksOf(hops)] : linksOf(hops);
}
