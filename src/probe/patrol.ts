import type { FlowRounds } from "./flow-rounds.ts";
import type { ProbedTarget } from "./probed-flow.ts";

/** Looks begin this often. */
const EVERY_MS = 6000;
/** A look lasts so long, and until the target has been sent so many probes, but no longer than that. */
const LEAST_MS = 2000;
const PROBES = 4;
const MOST_MS = 60_000;
/** Looks that begin together are at so many probes a second at most: each answer is copied once more. */
const PROBES_PER_S = 256;
/** While there is something to be found: at so many targets. */
const TARGETS = 256;

/** A target, and for how long it is to be looked at. */
export interface Look {
  readonly target: ProbedTarget;
  readonly forMs: number;
}

/**
 * Goes through the targets in turn, so that each is looked at now and then though nothing about it is odd: a host may begin to drop
 * what a target answers at any time, and nothing on the wire tells so.
 */
export class Patrol {
  readonly #rounds: Pick<FlowRounds, "targets">;
  #nextAt = 0;
  /** So many targets have been passed in this round. */
  #passed = 0;

  /** @param rounds knows the targets that are probed now */
  constructor(rounds: Pick<FlowRounds, "targets">) {
    this.#rounds = rounds;
  }

  /**
   * The looks that begin now.
   * @param found what was found at a target a short while ago is likely to hit others: as many as can be are looked at
   */
  *due(now: number, found: boolean): Generator<Look> {
    if (now < this.#nextAt) return;
    this.#nextAt = now + EVERY_MS;
    let [at, looks, perSecond] = [0, 0, 0];
    for (const target of this.#rounds.targets()) {
      at += 1;
      if (at <= this.#passed || (found ? looks >= TARGETS : perSecond >= PROBES_PER_S)) continue;
      this.#passed = at;
      looks += 1;
      const { step } = target.pacer;
      perSecond += 1000 / step;
      yield { target, forMs: Math.min(MOST_MS, Math.max(LEAST_MS, PROBES * step)) };
    }
    if (this.#passed >= at) this.#passed = 0;
  }
}
