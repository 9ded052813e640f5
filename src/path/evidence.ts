import type { ProbedFlow } from "../probe/probed-flow.ts";

/** How far back probes count, and in what steps they are forgotten. */
const WINDOW_MS = 300_000;
const SLICE_MS = 10_000;
const SLICES: number = WINDOW_MS / SLICE_MS;
/** A flow that failed this often in a row and then worked twice was dead and is healed: what was before is over. */
const DEAD_STREAK = 4;
const HEALED_STREAK = 2;
/** Chance that a fault that is still there passes for healed. */
const HEALED_CHANCE = 0.01;

/** The counts of one flow in the window. */
export interface FlowCounts {
  readonly probes: number;
  readonly failures: number;
  /** Failures in a row up to now. */
  readonly streak: number;
}

/** One flow's probes, in slices of time: a ring of counts whose newest slice is `slice % SLICES`. */
class FlowWindow {
  readonly #probes: Uint16Array = new Uint16Array(SLICES);
  readonly #failures: Uint16Array = new Uint16Array(SLICES);
  #slice: number;
  streak = 0;
  successes = 0;
  #deadBefore = false;
  /** Probes that were answered since the last failure. */
  answeredSince = 0;
  lastAt = 0;

  constructor(now: number) {
    this.#slice = Math.floor(now / SLICE_MS);
  }

  add(failed: boolean, now: number): void {
    this.#advance(now);
    this.lastAt = now;
    if (failed) {
      this.streak += 1;
      this.successes = 0;
      this.answeredSince = 0;
      if (this.streak >= DEAD_STREAK) this.#deadBefore = true;
    } else {
      this.successes += 1;
      this.answeredSince += 1;
      this.streak = 0;
      if (this.#deadBefore && this.successes >= HEALED_STREAK) this.clear();
    }
    const at = this.#slice % SLICES;
    this.#probes[at] = (this.#probes[at] ?? 0) + 1;
    if (failed) this.#failures[at] = (this.#failures[at] ?? 0) + 1;
  }

  counts(now: number): FlowCounts {
    this.#advance(now);
    const sum = (counts: Uint16Array): number => counts.reduce((total, n) => total + n, 0);
    const failures = sum(this.#failures);
    return { probes: sum(this.#probes), failures, streak: Math.min(this.streak, failures) };
  }

  clear(): void {
    this.#probes.fill(0);
    this.#failures.fill(0);
    this.#deadBefore = false;
  }

  #advance(now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    for (let passed = Math.min(slice - this.#slice, SLICES); passed > 0; passed -= 1) {
      const at = (slice - passed + 1) % SLICES;
      this.#probes[at] = 0;
      this.#failures[at] = 0;
    }
    this.#slice = slice;
  }
}

/** What the flows of one target did in the last five minutes, flows that a rotation has retired included. */
export class Evidence {
  readonly #flows: Map<ProbedFlow, FlowWindow> = new Map();

  /** A valid probe ended. */
  add(flow: ProbedFlow, failed: boolean, now: number): void {
    let window = this.#flows.get(flow);
    if (window === undefined) {
      window = new FlowWindow(now);
      this.#flows.set(flow, window);
    }
    window.add(failed, now);
  }

  /** Every flow with probes in the window and its counts; those of before are forgotten. */
  counts(now: number): Map<ProbedFlow, FlowCounts> {
    const counts = new Map<ProbedFlow, FlowCounts>();
    for (const [flow, window] of this.#flows) {
      if (now - window.lastAt > WINDOW_MS) {
        this.#flows.delete(flow);
        continue;
      }
      const own = window.counts(now);
      if (own.probes > 0) counts.set(flow, own);
    }
    return counts;
  }

  /**
   * Forgets the failures of flows that a fault with this loss would no longer explain: so many probes in a row were
   * answered that the fault, were it still there, would have hit one with near certainty.
   * @param lossRatio of the fault, 0 to 1
   * @returns whether the failures were forgotten
   */
  healed(flows: readonly ProbedFlow[], lossRatio: number): boolean {
    let answered = 0;
    for (const flow of flows) answered += this.#flows.get(flow)?.answeredSince ?? 0;
    if ((1 - Math.min(lossRatio, 0.99)) ** answered > HEALED_CHANCE) return false;
    for (const flow of flows) this.#flows.get(flow)?.clear();
    return true;
  }
}
