import { linksOf } from "../topology/links.ts";
import { OTHER, type Pair } from "./bucket-series.ts";
import { renderLabels } from "./family.ts";
import type { SeriesBudget } from "./series-budget.ts";

/** The name of the path of a probe whose path cannot be told. */
export const UNKNOWN_PATH = "unknown";
/** The name of this host as the beginning of a link. */
export const SOURCE = "source";

/** Series of a path: probes, failures, its info, which `unknown` and `other` have not. Of a link: probes, failures. */
const SERIES_A_PATH = 3;
const SERIES_WITHOUT_INFO = 2;
const SERIES_A_LINK = 2;

/** Probes and failures over one link. */
type LinkPair = Pair & { readonly from: string; readonly to: string };

/** Probes and failures over one path. */
interface PathPair extends Pair {
  /** The hops of the latest probes and the links between them, so that these need not be looked up by name for each probe. */
  hops: readonly (string | null)[] | undefined;
  links: readonly LinkPair[];
  /** Counted on the path and not yet on its links: that is done when somebody reads them. */
  owedProbes: number;
  owedFailures: number;
}

/** Probes by path and by link of one target, for as long as the topology knows them. */
export class PathSeries {
  readonly #labelled: (extra: string) => string;
  readonly #budget: SeriesBudget;
  readonly #paths: Map<string, PathPair> = new Map();
  /** The path of the last probe: the next is most likely of the same one. */
  #latestId: string | undefined;
  #latest: PathPair | undefined;
  readonly #links: Map<string, LinkPair> = new Map();
  /** Paths and links that were refused, so that each is counted once. */
  readonly #folded: Set<string> = new Set();
  #reserved = 0;

  /** @param labelled adds the target's own and the user's labels */
  constructor(labelled: (extra: string) => string, budget: SeriesBudget) {
    this.#labelled = labelled;
    this.#budget = budget;
    // Failures of flows whose path is not known yet are often the first: the series is there before them.
    this.#path(UNKNOWN_PATH);
  }

  /** Makes the series of a path and its links, at zero. */
  born(path: { readonly id: string; readonly hops: readonly (string | null)[] }): void {
    this.#path(path.id);
    for (const [from, to] of named(path.hops)) this.#link(from, to);
  }

  /** Reads what the next probe will write, most likely. @returns a number without a meaning */
  glance(): number {
    return this.#latest?.owedProbes ?? 0;
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
    if (pair.hops === undefined || !areSame(pair.hops, path.hops)) this.#takeLinks(pair, path.hops);
    pair.owedProbes += probes;
    pair.owedFailures += failures;
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
      countOnLinks(pair);
      this.#paths.delete(id);
      this.#latestId = undefined;
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
    for (const pair of this.#paths.values()) countOnLinks(pair);
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

  /** From now on the probes of a path are counted on the links between these hops. */
  #takeLinks(pair: PathPair, hops: readonly (string | null)[]): void {
    countOnLinks(pair);
    const links = named(hops).map(([from, to]) => this.#link(from, to));
    // Room for those that were refused is asked for again with every probe.
    pair.hops = links.some(({ from }) => from === OTHER) ? undefined : hops;
    pair.links = links;
  }

  #path(id: string): PathPair {
    if (this.#latest !== undefined && this.#latestId === id) return this.#latest;
    const known = this.#paths.get(id);
    if (known !== undefined) {
      this.#latestId = id;
      this.#latest = known;
      return known;
    }
    const hasInfo = id !== UNKNOWN_PATH && id !== OTHER;
    if (hasInfo && !this.#budget.reserve(SERIES_A_PATH)) {
      this.#fold(id);
      return this.#path(OTHER);
    }
    if (!hasInfo) this.#budget.take(SERIES_WITHOUT_INFO);
    this.#reserved += hasInfo ? SERIES_A_PATH : SERIES_WITHOUT_INFO;
    const labels = this.#labelled(`path="${id}"`);
    const counts = { probes: 0, failures: 0, owedProbes: 0, owedFailures: 0 };
    const pair = { labels, ...counts, hops: undefined, links: [] };
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
    const labels = this.#labelled(renderLabels({ hop_from: from, hop_to: to }));
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

/** Counts a path's probes on its links as well. */
function countOnLinks(pair: PathPair): void {
  for (const link of pair.links) {
    link.probes += pair.owedProbes;
    link.failures += pair.owedFailures;
  }
  pair.owedProbes = 0;
  pair.owedFailures = 0;
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
