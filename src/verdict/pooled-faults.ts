import type { LocalizeCase } from "../localize/case.ts";
import { FlowPool } from "../localize/flow-pool.ts";
import { NOTHING_SHARED, type SharedKnowledge } from "../localize/shared-fault.ts";
import type { SuspectPlace } from "../localize/suspect-place.ts";
import type { Family } from "../packet/address.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";
import { unlessBroken } from "./broken-off.ts";

/** What targets have in common is explained anew this often at most. */
const LEAST_MS = 1000;
/** It takes no more than one part in so many of the time. */
const PARTS = 5;

/** Targets that packets of one address family reach, and what their failing flows show together. */
interface FamilyPool {
  readonly pool: FlowPool<ProbedTarget>;
  shared: SharedKnowledge;
  signature: string;
  isStale: boolean;
  /** When it may be explained anew. */
  nextAt: number;
}

/** An explanation under way. */
interface Running {
  readonly family: FamilyPool;
  readonly steps: Generator<undefined, SharedKnowledge>;
  readonly begunAt: number;
}

/**
 * Keeps up to date what the failing flows of all targets show together. Targets of the two address families are looked at apart: packets of
 * one never cross hops of the other, though the routers may be the same.
 */
export class PooledFaults {
  readonly #families: Readonly<Record<Family, FamilyPool>> = { 4: emptyPool(), 6: emptyPool() };
  readonly #onBrokenOff: (error: unknown) => void;
  /** Nothing is explained before: there is other work. */
  #pauseUntil: number = Number.NEGATIVE_INFINITY;
  #running: Running | undefined;

  /** @param onBrokenOff an error of the program has ended an explanation; the targets have nothing in common then */
  constructor(onBrokenOff: (error: unknown) => void) {
    this.#onBrokenOff = onBrokenOff;
  }

  /** What the flows of targets that this one may share hops with showed when they were explained together last. */
  sharedWith(target: ProbedTarget): SharedKnowledge {
    return this.#familyOf(target).shared;
  }

  /** A target is looked at: takes what its flows show now. */
  put(target: ProbedTarget, input: LocalizeCase): void {
    const family = this.#familyOf(target);
    const before = family.pool.size;
    family.pool.put(target, input);
    if (family.pool.size > 1 || before > 1) family.isStale = true;
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    const family = this.#familyOf(target);
    family.pool.forget(target);
    family.isStale = true;
  }

  /** Whether there is something to do. */
  isDue(now: number): boolean {
    return this.#running !== undefined || this.#due(now) !== undefined;
  }

  /** One step of about a millisecond. @returns the targets to look at anew, since what they have in common has changed */
  step(now: number): ProbedTarget[] {
    this.#running ??= this.#begin(now);
    if (this.#running === undefined) return [];
    const { family, steps, begunAt } = this.#running;
    const step = steps.next();
    if (!step.done) return [];
    this.#running = undefined;
    family.nextAt = now + LEAST_MS;
    this.#pauseUntil = now + PARTS * (now - begunAt);
    family.shared = step.value;
    const signature = signatureOf(step.value);
    if (signature === family.signature) return [];
    family.signature = signature;
    return [...family.pool.targets];
  }

  #begin(now: number): Running | undefined {
    const family = this.#due(now);
    if (family === undefined) return undefined;
    family.isStale = false;
    const steps = unlessBroken(family.pool.explain(), (error) => {
      this.#onBrokenOff(error);
      return NOTHING_SHARED;
    });
    return { family, steps, begunAt: now };
  }

  /** Of the families to be explained anew the one that has waited longest. */
  #due(now: number): FamilyPool | undefined {
    if (now < this.#pauseUntil) return undefined;
    let first: FamilyPool | undefined;
    for (const family of Object.values(this.#families)) {
      if (!family.isStale || now < family.nextAt) continue;
      if (first === undefined || family.nextAt < first.nextAt) first = family;
    }
    return first;
  }

  #familyOf({ target }: ProbedTarget): FamilyPool {
    return this.#families[target.address.family];
  }
}

function emptyPool(): FamilyPool {
  return {
    pool: new FlowPool(),
    shared: NOTHING_SHARED,
    signature: signatureOf(NOTHING_SHARED),
    isStale: false,
    nextAt: Number.NEGATIVE_INFINITY,
  };
}

/** What of it changes the explanation of a target: the places, not how sure they are. */
function signatureOf({ faults, paths }: SharedKnowledge): string {
  const nameOf = ({ from, to, place, name }: SuspectPlace): string =>
    [from, to, place, name].join(" ");
  const places = faults.map(({ place, alternatives, effect }) =>
    [nameOf(place), effect.extent, effect.kind, ...alternatives.map(nameOf).sort()].join(" "),
  );
  return places.length === 0 ? "" : `${places.sort().join(", ")} on ${paths.length} paths`;
}
