import type { ProbedFlow } from "../probe/probed-flow.ts";
import { type FlowWindow, SLICE_MS, WINDOW_MS } from "./flow-window.ts";
import { SLICES } from "./window-memory.ts";

/** How much was asked of a target that answered everything. */
export interface AnsweredCounts {
  /** Probes in the window of the flows that are probed now. */
  readonly probes: number;
  /** How many of these flows have any. */
  readonly flows: number;
}

/**
 * The probes of a target that answers everything, by number alone: every few seconds it is judged by that, and to read the windows of all its
 * flows each time would be to fetch thousands of places from memory. They are counted from the windows once, and again when a flow begins or
 * is retired, when one has had no probe for as long as the window is, or something fails.
 */
export class AnsweredTally {
  #isKept = false;
  /** The newest slice and what ended in it so far. */
  #newest = 0;
  #newestProbes = 0;
  #probes = 0;
  #flows = 0;
  /** Of the slices before, a ring as in the windows. */
  readonly #before: number[] = new Array(SLICES).fill(0);
  /** Until when every flow has a probe in its window even if no other comes. */
  #until = 0;

  /** A probe of a flow that is counted was answered. */
  add(now: number): void {
    if (!this.#isKept) return;
    this.#advance(now);
    this.#newestProbes += 1;
    this.#probes += 1;
  }

  /** What is counted holds no more. */
  drop(): void {
    this.#isKept = false;
  }

  /**
   * The counts of the flows that are probed. None of the windows has a failure.
   * @param windows those of retired flows included
   * @param forget told of flows that have had no probe for as long as the window is
   */
  counts(
    windows: Iterable<[ProbedFlow, FlowWindow]>,
    now: number,
    forget: (flow: ProbedFlow) => void,
  ): AnsweredCounts {
    if (!this.#isKept || now > this.#until) this.#begin(windows, now, forget);
    else this.#advance(now);
    return { probes: this.#probes, flows: this.#flows };
  }

  #begin(
    windows: Iterable<[ProbedFlow, FlowWindow]>,
    now: number,
    forget: (flow: ProbedFlow) => void,
  ): void {
    let oldestAt = now;
    this.#isKept = true;
    this.#newest = Math.floor(now / SLICE_MS);
    this.#newestProbes = 0;
    this.#probes = 0;
    this.#flows = 0;
    this.#before.fill(0);
    for (const [flow, window] of windows) {
      if (now - window.lastAt > WINDOW_MS) {
        forget(flow);
        continue;
      }
      oldestAt = Math.min(oldestAt, window.lastAt);
      const { probes } = window.counts(now);
      // Of one that was dead and answers again not all of its probes count yet.
      if (window.isReviving) this.#isKept = false;
      if (probes === 0 || !flow.active) continue;
      this.#flows += 1;
      if (window.isReviving) this.#probes += probes;
      else window.eachSlice(now, this.#take);
    }
    // A probe at the beginning of a slice is forgotten with the slice.
    this.#until = oldestAt + WINDOW_MS - SLICE_MS;
  }

  readonly #take = (slice: number, probes: number): void => {
    this.#probes += probes;
    if (slice === this.#newest) this.#newestProbes += probes;
    else this.#before[slice % SLICES] = (this.#before[slice % SLICES] ?? 0) + probes;
  };

  #advance(now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    while (this.#newest < slice) {
      this.#before[this.#newest % SLICES] = this.#newestProbes;
      this.#newest += 1;
      this.#newestProbes = 0;
      this.#probes -= this.#before[this.#newest % SLICES] ?? 0;
      this.#before[this.#newest % SLICES] = 0;
    }
  }
}
