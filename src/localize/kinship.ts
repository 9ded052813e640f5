import { type Network, SOURCE, TARGET } from "./network.ts";

/** Behind so large a part of the hops before it an address is met that its router answers with, whatever a packet comes by: flows are few. */
const MOST_BEFORE = 0.6;

/** More than any network has. */
const MOST_HOPS = 2 ** 24;

/** What the links between addresses say of which may be one router's. */
export class Kinship {
  readonly #network: Network;
  readonly #routers: Readonly<Record<string, string>>;
  readonly #before: Map<number, Set<number>> = new Map();
  readonly #oneAddress: Map<number, boolean> = new Map();
  /** Asked for of each place that is told. */
  #lastInARow: readonly (readonly number[])[] | undefined;
  #wayBack: readonly number[] | undefined;
  readonly #parts: Map<number, ReadonlyMap<number, number>> = new Map();
  readonly #beside: Map<number, boolean> = new Map();
  /** Whether any hop of the network answers alike whatever a packet comes in by. */
  #answersAlike: boolean | undefined;

  /** @param routers names of routers by address, as far as somebody knows them */
  constructor(network: Network, routers: Readonly<Record<string, string>>) {
    this.#network = network;
    this.#routers = routers;
    for (const { id } of network.hops) {
      for (const next of network.next(id).keys()) {
        const sources = this.#before.get(next) ?? new Set();
        this.#before.set(next, sources.add(id));
      }
    }
  }

  /**
   * Whether two addresses belong to two routers, as far as routers answer with the address by which a packet came in: one link
   * leads to one router, so addresses behind one hop are several routers'; one router leads to one address behind each
   * of its links, so addresses that lead on to nothing in common are several routers' as well.
   */
  apart(one: number, other: number): boolean {
    const [mine, theirs] = [this.#nameOf(one), this.#nameOf(other)];
    if (mine !== undefined && theirs !== undefined) {
      return mine !== theirs;
    }
    if (this.areParallel([one, other])) return false;
    if (this.hasOneAddress(one) || this.hasOneAddress(other)) {
      return true;
    }
    const [before, beforeOther] = [this.#sources(one), this.#sources(other)];
    if (
      before.has(other) ||
      beforeOther.has(one) ||
      [...before].some((id) => beforeOther.has(id))
    ) {
      return true;
    }
    const [next, nextOther] = [
      this.#network.answeringNext(one),
      this.#network.answeringNext(other),
    ];
    return next.length > 0 && nextOther.length > 0 && !next.some((id) => nextOther.includes(id));
  }

  /** Whether somebody knows that some of these addresses are different routers'. */
  areSeveral(ids: readonly number[]): boolean {
    return new Set(ids.map((id) => this.#nameOf(id)).filter((name) => name !== undefined)).size > 1;
  }

  /** Whether somebody knows these addresses for one router's, and others of it are met that are not among them. */
  arePart(ids: readonly number[]): boolean {
    const [name, ...others] = new Set(ids.map((id) => this.#nameOf(id)));
    if (others.length > 0 || name === undefined) return false;
    return [...this.#before.keys()].some((id) => this.#nameOf(id) === name && !ids.includes(id));
  }

  /**
   * Whether each of these addresses follows on a hop that leads nowhere else, and these hops are several routers: what breaks all that
   * comes by these addresses may as well be those routers.
   */
  areChained(ids: readonly number[]): boolean {
    const sources = ids.flatMap((id) => [...this.#sources(id)]);
    if (sources.length !== ids.length || sources.includes(SOURCE)) return false;
    return sources.every(
      (one, i) =>
        this.#network.next(one).size === 1 &&
        sources.slice(i + 1).every((two) => this.apart(one, two)),
    );
  }

  /**
   * Whether addresses behind one hop may be one router's that several links lead to, each with an address of its own: they lead on to the
   * same, nothing else does, and what else is behind that hop leads elsewhere. Where routers stand in planes they may be those of one plane.
   */
  areParallel([first, ...others]: readonly number[]): boolean {
    return (
      first !== undefined && others.length > 0 && others.every((id) => this.#isBeside(first, id))
    );
  }

  #isBeside(one: number, other: number): boolean {
    const pair = Math.min(one, other) * MOST_HOPS + Math.max(one, other);
    const known = this.#beside.get(pair);
    if (known !== undefined) return known;
    // What stands before itself, since hops that were met in two orders or share an address lead in a circle, is beside nothing.
    this.#beside.set(pair, false);
    const isBeside = this.#tellBeside(one, other);
    this.#beside.set(pair, isBeside);
    return isBeside;
  }

  #tellBeside(one: number, other: number): boolean {
    const [near, ...more] = this.before([one, other]);
    if (near === undefined) return false;
    // Behind addresses of one router each is one of that router's links.
    if (more.length > 0) {
      const next = this.#network.answeringNext(one);
      return (
        this.#network.answeringNext(other).some((to) => next.includes(to)) &&
        this.areParallel([near, ...more])
      );
    }
    const parts = this.#partsBehind(near);
    return new Set(parts.values()).size > 1 && parts.get(one) === parts.get(other);
  }

  /** What is behind a hop and leads on to something, by what hangs together by that: each with the first of its part. */
  #partsBehind(near: number): ReadonlyMap<number, number> {
    const known = this.#parts.get(near);
    if (known !== undefined) return known;
    const parts = new Map<number, number>();
    const byNext = new Map<number, number>();
    for (const id of this.#network.answeringNext(near)) {
      const next = this.#network.answeringNext(id);
      const met = new Set(next.flatMap((to) => byNext.get(to) ?? []));
      if (next.length > 0) parts.set(id, id);
      for (const [other, part] of parts) if (met.has(part)) parts.set(other, id);
      for (const [to, part] of byNext) if (met.has(part)) byNext.set(to, id);
      for (const to of next) byNext.set(to, id);
    }
    this.#parts.set(near, parts);
    return parts;
  }

  /** Groups of addresses that lead to the same next address and may be one router's. */
  *sharingNext(): Generator<readonly number[]> {
    for (const [next, sources] of this.#before) {
      const group = [...sources].filter((id) => id !== SOURCE && this.#network.answers(id));
      if (next === TARGET || !this.#network.answers(next) || group.length < 2) continue;
      if (this.#mayBeOne(group)) yield group.sort((a, b) => a - b);
    }
  }

  /** Whether a hop answers alike to packets that come in by several links: from hops that are several routers, being behind one. */
  hasOneAddress(id: number): boolean {
    const known = this.#oneAddress.get(id);
    if (known !== undefined) return known;
    const sources = this.answeringBefore([id]);
    const several = sources.some((one, i) =>
      sources.slice(i + 1).some((two) => {
        const theirs = this.#sources(two);
        const haveOneBefore = [...this.#sources(one)].some((before) => theirs.has(before));
        return haveOneBefore && !this.areParallel([one, two]);
      }),
    );
    this.#oneAddress.set(id, several);
    return several;
  }

  /**
   * What may be the one router before a hop that is reached from several places: addresses of which none is known to be
   * another router's than the others, or hops that never answer. A router that answers with the address by which a packet came
   * in is reached at each of its addresses from one router only, so that an address and what lies before it are one link. Null where routers
   * are known to answer otherwise, where there is one place only, or where the places are several routers'.
   */
  routerBefore(id: number): readonly number[] | null {
    const sources = [...this.#sources(id)];
    if (this.#answerAlike() || sources.length < 2 || sources.includes(SOURCE)) return null;
    const answering = sources.filter((source) => this.#network.answers(source));
    if (answering.length === 0) return sources;
    return answering.length === sources.length && this.#mayBeOne(answering) ? sources : null;
  }

  #answerAlike(): boolean {
    this.#answersAlike ??= this.#network.hops.some(
      ({ id }) => id !== TARGET && this.hasOneAddress(id),
    );
    return this.#answersAlike;
  }

  /** Whether the hops that answer before this one may be one router's addresses, as far as is known: silent places beside them are mostly gaps. */
  mayBeOneBefore(id: number): boolean {
    const before = this.answeringBefore([id]);
    if (before.length < 2 || before.includes(SOURCE)) return false;
    return !this.#answerAlike() && this.#mayBeOneByCables(before);
  }

  /** Whether none of these is known to be another router's than any other. */
  #mayBeOne(ids: readonly number[]): boolean {
    return isEveryPair(ids, (one, two) => !this.apart(one, two));
  }

  /** The same, where cables side by side make one router's addresses look like several routers'. */
  #mayBeOneByCables(ids: readonly number[]): boolean {
    return isEveryPair(ids, (one, two) => !this.apart(one, two) || this.#mayBeCables(one, two));
  }

  /** The routers in a row before the destination that all flows cross, the last one first, as far as each may be one: their addresses. */
  lastInARow(): readonly (readonly number[])[] {
    if (this.#lastInARow !== undefined) return this.#lastInARow;
    const row: (readonly number[])[] = [];
    const seen = new Set<number>();
    let front = this.#routerInFront([TARGET]);
    while (front.length > 0 && !front.some((id) => seen.has(id))) {
      row.push(front);
      for (const id of front) seen.add(id);
      front = this.#routerInFront(front);
    }
    this.#lastInARow = row;
    return row;
  }

  /** What leads to any of these. */
  before(ids: readonly number[]): ReadonlySet<number> {
    return new Set(ids.flatMap((id) => [...this.#sources(id)]));
  }

  /** The same of those that answer: each sweep with gaps shows silent places of its own. */
  answeringBefore(ids: readonly number[]): readonly number[] {
    return [...this.before(ids)].filter((id) => this.#network.answers(id));
  }

  /** The addresses that lead to any of these, or to what never answers there, where they may be one router's; none where they are several's. */
  #routerInFront(ids: readonly number[]): readonly number[] {
    const near = this.answeringBefore(ids);
    const from = near.length > 0 ? near : this.answeringBefore([...this.before(ids)]);
    const sources = from.filter((id) => id !== SOURCE);
    return this.#mayBeOneByCables(sources) ? sources : [];
  }

  /**
   * Whether addresses that lead to nothing but the destination may be one router's though they are met behind one hop: that hop is a router
   * of several addresses, as many links lead to it, so that as many may lead on from it to the next one.
   */
  #mayBeCables(one: number, other: number): boolean {
    const isLast = (id: number): boolean =>
      [...this.#network.next(id).keys()].every((next) => next === TARGET);
    if (!isLast(one) || !isLast(other) || this.areSeveral([one, other])) return false;
    return this.areParallel([...this.before([one, other])]);
  }

  /**
   * Addresses that lead to nothing but the destination, or the one way on to it, and are met behind several hops each, as where one router answers
   * with any of them; none where they are known to be several routers'.
   */
  wayBackAddresses(): readonly number[] {
    if (this.#wayBack !== undefined) return this.#wayBack;
    const leading = this.answeringBefore([this.endOfAll()]).filter(
      (id) => id !== SOURCE && this.#network.next(id).size === 1,
    );
    const near = this.answeringBefore(leading).length;
    const last = leading.filter(
      (id) =>
        this.hasOneAddress(id) ||
        this.answeringBefore([id]).length >= Math.max(2, MOST_BEFORE * near),
    );
    this.#wayBack = this.areSeveral(last) ? [] : last;
    return this.#wayBack;
  }

  /** Where the one way begins that all flows take to the destination in the end: a hop of one address, or the destination itself. */
  endOfAll(): number {
    const seen = new Set([TARGET]);
    let end = TARGET;
    for (;;) {
      const [before, ...others] = [...this.#sources(end)].filter(
        (id) => !this.#network.isUnknown(id),
      );
      if (before === undefined || before === SOURCE || others.length > 0 || seen.has(before))
        return end;
      if (!this.#network.answers(before) || this.#network.next(before).size > 1) return end;
      seen.add(before);
      end = before;
    }
  }

  #nameOf(id: number): string | undefined {
    return this.#routers[this.#network.hops[id]?.address ?? ""];
  }

  #sources(id: number): ReadonlySet<number> {
    return this.#before.get(id) ?? new Set();
  }
}

function isEveryPair(
  ids: readonly number[],
  holds: (one: number, other: number) => boolean,
): boolean {
  return ids.every((one, i) => ids.slice(i + 1).every((two) => holds(one, two)));
}
