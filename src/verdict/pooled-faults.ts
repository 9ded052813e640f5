import type { LocalizeCase } from "../localize/case.ts";
import { FlowPool } from "../localize/flow-pool.ts";
import { NOTHING_SHARED, type SharedKnowledge } from "../localize/shared-fault.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";

/** What targets have in common is explained anew this often at most. */
const LEAST_MS = 1000;
/** It takes no more than one part in so many of the time. */
const PARTS = 5;

/** Keeps up to date what the failing flows of all targets show together. */
export class PooledFaults {
  readonly #pool: FlowPool<ProbedTarget> = new FlowPool();
  #shared: SharedKnowledge = NOTHING_SHARED;
  #signature = signatureOf(NOTHING_SHARED);
  #isStale = false;
  #nextAt: number = Number.NEGATIVE_INFINITY;
  #begunAt = 0;
  #steps: Generator<undefined, SharedKnowledge> | undefined;

  /** What the flows showed when they were explained together last. */
  get shared(): SharedKnowledge {
    return this.#shared;
  }

  /** A target is looked at: takes what its flows show now. */
  put(target: ProbedTarget, input: LocalizeCase): void {
    const before = this.#pool.size;
    this.#pool.put(target, input);
    if (this.#pool.size > 1 || before > 1) this.#isStale = true;
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    this.#pool.forget(target);
    this.#isStale = true;
  }

  /** Whether there is something to do. */
  isDue(now: number): boolean {
    return this.#steps !== undefined || (this.#isStale && now >= this.#nextAt);
  }

  /** One step of about a millisecond. @returns the targets to look at anew, since what they have in common has changed */
  step(now: number): ProbedTarget[] {
    if (this.#steps === undefined) {
      this.#isStale = false;
      this.#begunAt = now;
      this.#steps = this.#pool.explain();
    }
    const step = this.#steps.next();
    if (!step.done) return [];
    this.#steps = undefined;
    this.#nextAt = now + Math.max(LEAST_MS, PARTS * (now - this.#begunAt));
    this.#shared = step.value;
    const signature = signatureOf(step.value);
    if (signature === this.#signature) return [];
    this.#signature = signature;
    return [...this.#pool.targets];
  }
}

/** What of it changes the explanation of a target: the places, not how sure they are. */
function signatureOf({ faults, paths }: SharedKnowledge): string {
  const places = faults.map(({ place: { from, to, place, name }, effect }) =>
    [from, to, place, name, effect.extent, effect.kind].join(" "),
  );
  return places.length === 0 ? "" : `${places.sort().join(", ")} on ${paths.length} paths`;
}
