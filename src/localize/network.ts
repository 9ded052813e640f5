import type { HopAddress } from "./case.ts";

/** A place in the network as its answers show it. */
export interface Hop {
  readonly id: number;
  /** Null for the source and for a silent place. */
  readonly address: HopAddress;
  /** TTLs it takes up: 1, or the length of a run of silent hops. */
  readonly ttls: number;
  /** For a silent place the hop before it, whose answer is the last one seen when packets die here. */
  readonly before: number | null;
  /** For a silent place between two hops that answer the one after it. */
  readonly after?: number;
}

/** The source's place in every network. */
export const SOURCE = 0;
/** The destination's place in every network. */
export const TARGET = 1;

/**
 * Hops and links of one target. A run of silent hops is a place of its own, known by the answering hops around it:
 * routers that never answer stay apart unless they stand between the same neighbours.
 */
export class Network {
  readonly isPlaced: boolean;
  readonly hops: Hop[] = [];
  readonly #ids = new Map<string, number>();
  readonly #ends = new Set<number>();
  readonly #silentAt = new Map<number, { ttls: number; after: number }[]>();
  readonly #unknown = new Set<number>();
  /** Links that this target's flows have not shown, `from to`. */
  readonly #borrowed: Set<string> = new Set();
  readonly #next: Map<number, number>[] = [];
  readonly #unbiased: Map<number, number>[] = [];
  readonly #expected: Map<number, number> = new Map();

  /**
   * @param isPlaced whether other targets' flows have shown a fault: flows of which nothing is known then take the links that
   * are known, whoever has shown these
   */
  constructor(target: string, isPlaced = false) {
    this.isPlaced = isPlaced;
    this.#add("source", { address: null, ttls: 1, before: null });
    this.#add(`hop ${target}`, { address: target, ttls: 1, before: null });
  }

  /** The place of an answering hop. */
  answering(address: string): number {
    const key = `hop ${address}`;
    return this.#ids.get(key) ?? this.#add(key, { address, ttls: 1, before: null });
  }

  /** The place of `ttls` silent hops in a row between two answering ones, the first of them at index `depth`. */
  silent(before: number, ttls: number, after: number, depth: number): number {
    const key = `silent ${before} ${ttls} ${after}`;
    const known = this.#ids.get(key);
    if (known !== undefined) {
      return known;
    }
    const runs = this.#silentAt.get(depth) ?? [];
    if (!runs.some((run) => run.ttls === ttls && run.after === after)) {
      this.#silentAt.set(depth, [...runs, { ttls, after }]);
    }
    return this.#add(key, { address: null, ttls, before, after });
  }

  /** Whatever comes behind a hop and was never seen. */
  unknownBehind(from: number): number {
    const key = `unknown ${from}`;
    const id = this.#ids.get(key) ?? this.#add(key, { address: null, ttls: 1, before: from });
    this.#unknown.add(id);
    return id;
  }

  /** Whether a place stands for whatever comes behind a hop and was never seen. */
  isUnknown(id: number): boolean {
    return this.#unknown.has(id);
  }

  /** Whether a place answers expired probes for all that is known. */
  mayAnswer(id: number): boolean {
    return this.answers(id) || this.isUnknown(id);
  }

  /** Runs of silent hops known to begin at a depth, behind whichever hop. */
  silentAt(depth: number): readonly { readonly ttls: number; readonly after: number }[] {
    return this.#silentAt.get(depth) ?? [];
  }

  /** Whether a place answers expired probes; the source counts as one that always does. */
  answers(id: number): boolean {
    return id === SOURCE || this.hops[id]?.address !== null;
  }

  /** Whether the destination is known to come next, silent places aside. */
  leadsToTarget(id: number): boolean {
    return (
      id === TARGET ||
      [...this.next(id).keys()].some(
        (next) => next === TARGET || (!this.mayAnswer(next) && this.leadsToTarget(next)),
      )
    );
  }

  /** Whether the destination is known to answer at index `depth`. */
  endsAt(depth: number): boolean {
    return this.#ends.has(depth);
  }

  /** Notes that the destination answers at index `depth`. */
  noteEnd(depth: number): void {
    this.#ends.add(depth);
  }

  /**
   * Notes that `weight` flows (0: none at present) were seen to go from one place to the next.
   * @param unbiased how many they count for where flows that fail were traced more often than others
   */
  connect(from: number, to: number, weight: number, unbiased: number = weight): void {
    addTo(this.#next[from], to, weight);
    addTo(this.#unbiased[from], to, unbiased);
  }

  /** Notes a link that this target's flows have not shown: other targets' have, or those over other addresses of a router. */
  borrow(from: number, to: number): void {
    if (this.#next[from]?.has(to)) return;
    this.connect(from, to, 0);
    this.#borrowed.add(`${from} ${to}`);
  }

  /** Whether a link is one that this target's flows have not shown. */
  isBorrowed(from: number, to: number): boolean {
    return this.#borrowed.has(`${from} ${to}`);
  }

  /** Next places of a place, with the flows noted. */
  next(from: number): ReadonlyMap<number, number> {
    return this.#next[from] ?? new Map();
  }

  /** The same with what the flows noted count for, as if all flows had been traced alike. */
  nextUnbiased(from: number): ReadonlyMap<number, number> {
    return this.#unbiased[from] ?? new Map();
  }

  /** Next hops of a hop that answer, the destination left out. */
  answeringNext(id: number): number[] {
    return [...this.next(id).keys()].filter((next) => next !== TARGET && this.answers(next));
  }

  /** Notes that a hop has so many next hops, or more. */
  expect(id: number, next: number): void {
    this.#expected.set(id, Math.max(next, this.#expected.get(id) ?? 0));
  }

  /** How many next hops that nobody has seen are to be expected of a hop. */
  unseenNext(id: number): number {
    return Math.max(0, (this.#expected.get(id) ?? 0) - this.answeringNext(id).length);
  }

  #add(key: string, hop: Omit<Hop, "id">): number {
    const id = this.hops.length;
    this.hops.push({ id, ...hop });
    this.#ids.set(key, id);
    this.#next.push(new Map());
    this.#unbiased.push(new Map());
    return id;
  }
}

function addTo(sums: Map<number, number> | undefined, to: number, weight: number): void {
  sums?.set(to, (sums.get(to) ?? 0) + weight);
}
