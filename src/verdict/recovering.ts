import { type FlowWindow, FORGETTABLE_STREAK } from "./flow-window.ts";

/** Flows that come back so soon after each other do so together, milliseconds. */
const TOGETHER_MS = 12_000;
/** So many that die meanwhile die of another fault. */
const ENOUGH = 2;

/** Whether a fault is over, of which some flows have yet to come back. */
export class Recovering {
  /** When a flow began to fail last, when one that was dead answered last, and when the first of these did. */
  #beganAt: number = Number.NEGATIVE_INFINITY;
  #revivedAt: number = Number.NEGATIVE_INFINITY;
  #since: number = Number.NEGATIVE_INFINITY;

  /** A flow begins to fail. */
  began(now: number): void {
    this.#beganAt = now;
  }

  /** One that was dead answers again, or is refused again. */
  revived(now: number): void {
    if (now - this.#revivedAt > TOGETHER_MS) this.#since = now;
    this.#revivedAt = now;
  }

  /**
   * Whether dead flows come back one after the other: the last change was one that came back, not longer ago than `roundMs`, in which each flow is
   * probed once, and no others have died meanwhile. Those not probed yet say nothing of where the fault was.
   */
  isUnderWay(windows: Iterable<FlowWindow>, now: number, roundMs: number): boolean {
    if (this.#revivedAt <= this.#beganAt || now - this.#revivedAt > roundMs) return false;
    let died = 0;
    for (const { streak, streakSince } of windows)
      if (streak >= FORGETTABLE_STREAK && streakSince > this.#since) died += 1;
    return died < ENOUGH;
  }
}
