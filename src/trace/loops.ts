/**
 * The lowest TTL at which a hop answers that answered before: a routing loop; undefined where there is none. The same
 * address with others between is a loop; next to each other it is a router that forwards TTL 0.
 * @param hops by TTL from 1
 */
export function loopTtlOf(hops: readonly (string | null)[]): number | undefined {
  const at = hops.findIndex(
    (hop, index) => hop !== null && hops[index - 1] !== hop && hops.indexOf(hop) < index,
  );
  return at < 0 ? undefined : at + 1;
}

/** How long a hop counts as one that a loop leads to, after it was met there last. */
const REMEMBERED_MS = 300_000;

type Hops = readonly (string | null)[];

/** What a flow's sweeps and probes say of a loop. */
export interface LoopSigns {
  /** The hop that answered again; undefined where none did. */
  readonly repeated: string | undefined;
  /** The flow's last probe ran out of its TTL. */
  readonly told: boolean;
  /** The flow's hops while it worked, as far as they are known. */
  readonly path: Hops;
}

/** A hop that packets met because they ran in circles. */
interface Circling {
  /** Who stands before it; null where that is not known. */
  readonly before: string | null;
  /** Lowest index by TTL at which it was met. */
  readonly index: number;
  readonly metAt: number;
}

/**
 * Hops that packets to a target met only because they ran in circles. A router answers under the address of the
 * interface that a packet came in by, so one that stands before the loop may answer inside it under another address:
 *
 *     TTL       1    2    3    4    5
 *     address  r1   a2   r1'  a2   r1'     a2 sends back to r1; r1' is no hop behind a2
 *
 * One sweep sees the loop close, another meets no more than some of its hops, because routers give few answers; so what
 * one has seen holds for all flows of the target.
 */
export class CirclingHops {
  readonly #met: Map<string, Circling> = new Map();
  /** When a probe of any flow of the target ran out of its TTL last. */
  #toldAt: number = Number.NEGATIVE_INFINITY;
  #version = 0;

  /** Grows whenever more is known that what sweeps found before is to be looked at again for. */
  get version(): number {
    return this.#version;
  }

  /** A probe of a flow of the target ran out of its TTL: somewhere packets to it run in circles. */
  told(now: number): void {
    if (!this.#isTold(now)) this.#version += 1;
    this.#toldAt = now;
  }

  /** Hops that flows met in a loop lately. */
  lately(now: number): string[] {
    return [...this.#met.keys()].filter((hop) => this.has(hop, now));
  }

  /**
   * What a sweep met on the way to the target: as far as the flow met the same while it worked, or where that is not
   * known up to the hop that is met again. What lies behind is remembered as part of the loop. Where a probe of another flow says
   * that packets run in circles, one that has left its path is in the loop as well, or takes another path by now: nothing is
   * remembered of it.
   * @param hops who answered, by TTL from 1, without repetitions
   */
  wayOf(hops: Hops, signs: LoopSigns, now: number): Hops {
    const isLoop = signs.repeated !== undefined || signs.told;
    const end = Math.min(
      isLoop || this.#isTold(now) ? leaves(hops, signs) : hops.length,
      this.#firstKnown(hops, signs.path, now),
    );
    if (end >= hops.length) return hops;
    if (isLoop) this.#remember(hops, end, now);
    const way = [...this.#firstRound(hops, end)];
    const met = this.#met.get(hops[end] ?? "");
    const last = way.length - 1;
    // Other sweeps have met who stands there.
    if (met?.index === last + 1 && way[last] === null && fits(met.before, signs.path, last)) {
      way[last] = met.before;
    }
    return way.slice(0, way.findLastIndex((hop) => hop !== null) + 1);
  }

  /** Whether the hop was met in a loop lately. */
  has(hop: string, now: number): boolean {
    const met = this.#met.get(hop);
    return met !== undefined && now - met.metAt <= REMEMBERED_MS;
  }

  /** Whether hops by TTL lead over one that was met in a loop lately, and not by the flow's path while it worked. */
  leadsInto(hops: Hops, path: Hops, now: number): boolean {
    return this.#firstKnown(hops, path, now) < hops.length;
  }

  #isTold(now: number): boolean {
    return now - this.#toldAt <= REMEMBERED_MS;
  }

  /** Leaves out a round of the loop in which nobody answered, or only who stands in the loop. */
  #firstRound(hops: Hops, end: number): Hops {
    const { index = end, before = null } = this.#met.get(hops[end] ?? "") ?? {};
    const isRound = hops
      .slice(index, end)
      .every((hop) => hop === null || hop === before || this.#met.has(hop));
    return hops.slice(0, isRound ? Math.min(index, end) : end);
  }

  #remember(hops: Hops, end: number, now: number): void {
    const way = new Set(hops.slice(0, end));
    for (let at = end; at < hops.length; at += 1) {
      const hop = hops[at] ?? null;
      if (hop === null || way.has(hop)) continue;
      const known = this.#met.get(hop);
      if (!this.has(hop, now)) this.#version += 1;
      const before = hops[at - 1] ?? known?.before ?? null;
      this.#met.set(hop, { before, index: Math.min(at, known?.index ?? at), metAt: now });
    }
  }

  /** Index of the first hop that others met in a loop, and this flow did not meet there while it worked. */
  #firstKnown(hops: Hops, path: Hops, now: number): number {
    const at = hops.findIndex(
      (hop, index) => hop !== null && path[index] !== hop && this.has(hop, now),
    );
    return at < 0 ? hops.length : at;
  }
}

/** Index at which packets that run in circles have left the way to the target. */
function leaves(hops: Hops, { repeated, path }: LoopSigns): number {
  const first = repeated === undefined ? -1 : hops.indexOf(repeated);
  if (path.length === 0) return first < 0 ? hops.length : first + 1;
  const at = hops.findIndex((hop, index) => {
    if (hop === null || hop === path[index]) return false;
    // Nobody is known to stand there.
    return path[index] !== null || (first >= 0 && index > first);
  });
  return at < 0 ? hops.length : at;
}

function fits(hop: string | null, path: Hops, index: number): boolean {
  return hop !== null && (path[index] ?? hop) === hop;
}
