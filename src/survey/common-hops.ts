/** Flows, beside the first of each target, that must have met hops that belong together before others are told by them. */
const ENOUGH_TOGETHER = 23;
/** Those of them that must have met the hop in question: two that share the flows evenly would pass for one with a chance of 2^-5. */
const ENOUGH_HERE = 6;
/** The same where so many targets were asked at the TTL, which all have to agree. */
const MANY_TARGETS = 16;
const ENOUGH_OF_MANY = 3;
/** Silence beside answers is a router that rationed them where it is rarer than one in so many. */
const SILENCE_SHARE = 4;

/** One hop in one place, null for silence, as a node of a forest: nodes that one target met are in one tree. */
interface Met {
  readonly ttl: number;
  readonly place: string;
  readonly hop: string | null;
  parent: Met | undefined;
  /** Of the root: by place the hops of its tree, with the flows that met each; and all these flows. */
  readonly places: Map<string, Map<string | null, number>>;
  /** Flows beside the first of each target: one flow of a target shows nothing of the others. */
  repeats: number;
}

/** What was met in one round of surveys. */
interface Round {
  /** By place and hop. */
  readonly met: Map<string, Met>;
  /** By place: the flows that met each hop. */
  readonly places: Map<string, Map<string | null, number>>;
  /** By TTL: the targets that were asked. */
  readonly targets: Map<number, Set<object>>;
  /** By target and TTL: one of the nodes it met there, and all its hops by place. */
  readonly own: Map<object, Map<number, { readonly met: Met; readonly places: HopsByPlace }>>;
  /** Places at which flows of one target, or of targets that belong together, met different hops. */
  readonly split: Set<string>;
  /** TTLs at which a target met two hops. */
  readonly branching: Set<number>;
}

type HopsByPlace = Map<string, Set<string | null>>;

function newRound(): Round {
  return {
    met: new Map(),
    places: new Map(),
    targets: new Map(),
    own: new Map(),
    split: new Set(),
    branching: new Set(),
  };
}

/**
 * What the flows of all targets met in one place, a TTL behind a hop, in this round of surveys and the one before.
 * Targets behind the same routers belong together at a TTL: those that met the same hop in the same place there, and
 * those that belong together with them. Where all of them met one hop, a target of theirs will meet it too:
 *
 *     target   3 behind a1   3 behind a2   3 behind a3
 *     one      b1            b2
 *     two                    b2            b3            belongs to one: it will meet b1 behind a1
 *     three    c1                                        belongs to nobody, nothing is known of it behind a2
 *
 * So a single answer at a TTL tells a target's group, and with it what its other flows meet there.
 */
export class CommonHops {
  #now: Round = newRound();
  #before: Round = newRound();

  /** A flow of a target met a hop, null for silence, at a TTL behind a hop. */
  add(target: object, ttl: number, before: string, hop: string | null): void {
    const { met, places, targets, own, split, branching } = this.#now;
    const place = placeOf(ttl, before);
    targets.set(ttl, (targets.get(ttl) ?? new Set()).add(target));
    const key = keyOf(place, hop);
    let node = met.get(key);
    if (node === undefined) {
      const tree = new Map([[place, new Map([[hop, 0]])]]);
      node = { ttl, place, hop, parent: undefined, places: tree, repeats: 0 };
      met.set(key, node);
    }
    const ttls = own.get(target) ?? new Map<number, { met: Met; places: HopsByPlace }>();
    own.set(target, ttls);
    const again = ttls.get(ttl);
    const known = again ?? { met: node, places: new Map() };
    ttls.set(ttl, known);
    const hops = known.places.get(place) ?? new Set();
    known.places.set(place, hops.add(hop));
    if (hops.size > 1 || known.places.size > 1) branching.add(ttl);
    const root = united(rootOf(known.met), rootOf(node));
    if (again !== undefined) root.repeats += 1;
    count(root.places, place, hop);
    count(places, place, hop);
    if ((root.places.get(place)?.size ?? 0) > 1) split.add(place);
  }

  /**
   * The hop that flows of the target meet at a TTL behind a hop, null for silence; undefined where that cannot be told.
   * One of the target's own flows must have shown where it belongs, unless the flows of many targets met the same,
   * without an exception.
   */
  at(target: object, ttl: number, before: string): string | null | undefined {
    const place = placeOf(ttl, before);
    const own = this.#now.own.get(target)?.get(ttl);
    if (this.#areMany(ttl) && this.#isNoException(own?.places.keys() ?? [])) {
      const hop = this.#only(place, ENOUGH_OF_MANY);
      if (hop !== undefined) return hop;
    }
    if (own === undefined) return undefined;
    const root = rootOf(own.met);
    const earlier = this.#before.met.get(keyOf(own.met.place, own.met.hop));
    const rootBefore = earlier && rootOf(earlier);
    if (root.repeats + (rootBefore?.repeats ?? 0) < ENOUGH_TOGETHER) return undefined;
    return only([root.places.get(place), rootBefore?.places.get(place)], ENOUGH_HERE);
  }

  /** Whether one answer will tell what a target meets in this place, which none of its flows has been asked yet. */
  oneTells(target: object, ttl: number, before: string): boolean {
    if (this.#now.own.get(target)?.has(ttl) === true) return false;
    const place = placeOf(ttl, before);
    if (this.#now.split.has(place) || this.#before.split.has(place)) return false;
    return this.#now.places.has(place) || this.#before.places.has(place);
  }

  /** Whether flows of one target were seen to meet different hops at this TTL. */
  branchesAt(ttl: number): boolean {
    return this.#now.branching.has(ttl) || this.#before.branching.has(ttl);
  }

  /** How many hops other targets met where this one's flows were asked too, without having met them yet. */
  missing(target: object): number {
    let missing = 0;
    for (const { met, places } of this.#now.own.get(target)?.values() ?? []) {
      const root = rootOf(met);
      for (const [place, hops] of places)
        missing += (root.places.get(place)?.size ?? 0) - hops.size;
    }
    return missing;
  }

  /** Whether all targets met one hop in each of these places. */
  #isNoException(places: Iterable<string>): boolean {
    return [...places].every((place) => this.#only(place, 1) !== undefined);
  }

  #only(place: string, least: number): string | null | undefined {
    return only([this.#now.places.get(place), this.#before.places.get(place)], least);
  }

  #areMany(ttl: number): boolean {
    const targets = [this.#now.targets.get(ttl), this.#before.targets.get(ttl)];
    return targets.some((some) => (some?.size ?? 0) >= MANY_TARGETS);
  }

  /** A new round begins: what was met before the last one is forgotten, since paths may have changed. */
  age(): void {
    this.#before = this.#now;
    this.#now = newRound();
  }
}

function placeOf(ttl: number, before: string): string {
  return `${ttl} behind ${before}`;
}

function keyOf(place: string, hop: string | null): string {
  return `${place}: ${hop ?? ""}`;
}

function rootOf(met: Met): Met {
  let root = met;
  while (root.parent !== undefined) root = root.parent;
  // The way to it is short from now on.
  if (root !== met) met.parent = root;
  return root;
}

/** Makes one tree of two. @returns its root */
function united(a: Met, b: Met): Met {
  if (a === b) return a;
  const [root, other] = a.places.size >= b.places.size ? [a, b] : [b, a];
  other.parent = root;
  root.repeats += other.repeats;
  for (const [place, hops] of other.places) {
    for (const [hop, flows] of hops) count(root.places, place, hop, flows);
  }
  other.places.clear();
  return root;
}

function count(
  places: Map<string, Map<string | null, number>>,
  place: string,
  hop: string | null,
  flows = 1,
): void {
  const hops = places.get(place) ?? new Map<string | null, number>();
  hops.set(hop, (hops.get(hop) ?? 0) + flows);
  places.set(place, hops);
}

/** The one hop that at least so many flows met, and none another. */
function only(
  all: readonly (ReadonlyMap<string | null, number> | undefined)[],
  least: number,
): string | null | undefined {
  const hops = new Map<string | null, number>();
  for (const some of all) {
    for (const [hop, flows] of some ?? []) hops.set(hop, (hops.get(hop) ?? 0) + flows);
  }
  const silences = hops.get(null) ?? 0;
  if (hops.size === 2) {
    const answers = [...hops.values()].reduce((sum, flows) => sum + flows, -silences);
    if (silences * SILENCE_SHARE < answers) hops.delete(null);
  }
  const [[hop, flows] = [undefined, 0]] = hops;
  return hops.size === 1 && flows >= least ? hop : undefined;
}
