import type { FlowWindow } from "./flow-window.ts";

/** An outage that is over sooner than this may be one of many. */
const SHORT_MS = 30_000;
/** It is, where flows that were held to be healed fail again within this time. */
const AGAIN_MS = 30_000;
/** So long nobody fails between two outages at least. */
const APART_MS = 1500;
/** They are over for good after so many times the longest pause between two of them, milliseconds without a failure. */
const PAUSES = 2;
/** And after so long without a failure whatever the pauses were: what works for so long is told as working, and what comes back as a fault of its own. */
const MOST_QUIET_MS = 30_000;
/** What came back once is remembered for so long. */
const REMEMBERED_MS = 300_000;

/**
 * Tells outages that come back again and again from one that is over once its flows work: of the former the next has come after the one
 * before was held to be healed. Times are milliseconds, monotonic.
 */
export class Outages {
  #began: number = Number.NEGATIVE_INFINITY;
  #failedAt: number = Number.NEGATIVE_INFINITY;
  /** A flow that had failed has answered since the last failure. */
  #isAnswered = true;
  /** How long the one before lasted, and how long nobody failed after it. */
  #lastedBefore = 0;
  #pauseBefore = 0;
  /** The longest pause after which one came back, and when that was last. */
  #pause = 0;
  #cameBackAt: number = Number.NEGATIVE_INFINITY;

  /**
   * A probe of a flow failed. Told with it is how often the flow has failed in a row before, when its failures were forgotten last, and
   * how long the fault had lasted that they were of. An outage begins with a flow that worked: one that goes on failing, while others come
   * back one after the other, ends the one before. What a flow answered until now is no pause where others failed meanwhile: of flows
   * that lose a part now and then one seems dead, and healed.
   */
  failed(
    { streak, recoveredAt, outageMs }: Pick<FlowWindow, "streak" | "recoveredAt" | "outageMs">,
    now: number,
  ): void {
    const begins = streak === 0;
    if (begins && this.#isAnswered && now - this.#failedAt >= APART_MS) {
      this.#lastedBefore = this.#failedAt - this.#began;
      this.#pauseBefore = now - this.#failedAt;
      this.#began = now;
    }
    this.#isAnswered = false;
    this.#failedAt = now;
    // Others have failed all the while since the flow was held to be healed.
    if (this.#began <= recoveredAt) return;
    if (!begins || now - recoveredAt > AGAIN_MS) return;
    if (Math.max(outageMs, this.#lastedBefore) >= SHORT_MS) return;
    const isForgotten = now - this.#cameBackAt > REMEMBERED_MS;
    this.#pause = Math.max(isForgotten ? 0 : this.#pause, this.#pauseBefore);
    this.#cameBackAt = now;
  }

  /** A flow that had failed answers. */
  answered(): void {
    this.#isAnswered = true;
  }

  /** Whether short outages follow each other, so that what flows answer between them does not mean that it is over. */
  isComingBack(now: number): boolean {
    if (now - this.#cameBackAt > REMEMBERED_MS || this.#failedAt - this.#began > SHORT_MS)
      return false;
    return now - this.#failedAt <= Math.min(MOST_QUIET_MS, PAUSES * this.#pause);
  }
}
