import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";

/** What one bucket has done in the slot that runs. */
export interface RunningBucket {
  /** The flow of its last probe. */
  readonly flow: ProbedFlow;
  readonly probes: number;
  readonly failures: number;
  /** Sum of the round-trip times of what was answered, milliseconds. */
  readonly rttSum: number;
  /** What answered the sweeps of the flow while it failed, as far as that was known with its last probe. */
  readonly seen: readonly (string | null)[] | undefined;
}

/** Numbers of a bucket: probes, failures, sum of round-trip times, source port of the flow of its last probe. */
const NUMBERS = 4;
const PORT = 3;

/**
 * What the buckets of one target have done in the slot that runs: their numbers side by side, since an object for each bucket would be
 * thrown away with every slot.
 */
export class RunningSlot {
  readonly #numbers: Float64Array;
  readonly #flows: (ProbedFlow | undefined)[];
  /** Of the buckets that have failed. */
  readonly #seen: Map<number, readonly (string | null)[]> = new Map();

  constructor(buckets: number) {
    this.#numbers = new Float64Array(NUMBERS * buckets);
    this.#flows = new Array(buckets).fill(undefined);
  }

  /** A valid probe ended. @param seen what has answered the sweeps of the flow, asked for where it has failed in this slot */
  add(
    flow: ProbedFlow,
    outcome: Exclude<Outcome, { kind: "invalid" }>,
    seen: (flow: ProbedFlow) => readonly (string | null)[] | undefined,
  ): void {
    const { bucket } = flow;
    const numbers = this.#numbers;
    const at = NUMBERS * bucket;
    if (numbers[at + PORT] !== flow.sourcePort) {
      numbers[at + PORT] = flow.sourcePort;
      this.#flows[bucket] = flow;
    }
    numbers[at] = (numbers[at] ?? 0) + 1;
    if (outcome.kind === "answered") numbers[at + 2] = (numbers[at + 2] ?? 0) + outcome.rttMs;
    else numbers[at + 1] = (numbers[at + 1] ?? 0) + 1;
    // A flow that recovers within the slot is traced no more at its end.
    if (numbers[at + 1] === 0) return;
    const hops = seen(flow);
    if (hops !== undefined) this.#seen.set(bucket, hops);
  }

  /** Reads what the next probe will write. @returns a number without a meaning */
  glance(bucket: number): number {
    return this.#numbers[NUMBERS * bucket] ?? 0;
  }

  /** Hands out the buckets that were probed, in order. */
  each(take: (bucket: number, running: RunningBucket) => void): void {
    const numbers = this.#numbers;
    for (let bucket = 0; bucket < this.#flows.length; bucket += 1) {
      const flow = this.#flows[bucket];
      if (flow === undefined) continue;
      const at = NUMBERS * bucket;
      const [probes, failures] = [numbers[at] ?? 0, numbers[at + 1] ?? 0];
      const rttSum = numbers[at + 2] ?? 0;
      take(bucket, { flow, probes, failures, rttSum, seen: this.#seen.get(bucket) });
    }
  }

  /** Probes and failures of all buckets. */
  sums(): { readonly probes: number; readonly failures: number } {
    let [probes, failures] = [0, 0];
    for (let at = 0; at < this.#numbers.length; at += NUMBERS) {
      probes += this.#numbers[at] ?? 0;
      failures += this.#numbers[at + 1] ?? 0;
    }
    return { probes, failures };
  }

  /** The next slot begins. */
  clear(): void {
    this.#numbers.fill(0);
    this.#flows.fill(undefined);
    this.#seen.clear();
  }
}
