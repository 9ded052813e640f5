import type { ProbedFlow } from "../probed-flow.ts";

/** Packets that are remembered, a power of two: those of the last second at a few thousand a second. */
const REMEMBERED = 8192;

/**
 * Whose the latest packets are, by their timestamps, which rise by one a packet. An answer that echoes one of late then need not be looked for by its
 * 5-tuple: answers come about in the order in which packets were sent, so that this is read in order, where a table is read anywhere.
 */
export class LatestFlows {
  readonly #flows: (ProbedFlow | undefined)[] = new Array(REMEMBERED).fill(undefined);

  /** A packet of the flow has this timestamp. */
  sent(flow: ProbedFlow, timestamp: number): void {
    this.#flows[timestamp & (REMEMBERED - 1)] = flow;
  }

  /** The flow whose packet had this timestamp, or one before with the same last digits: whoever asks looks whether it fits. */
  of(timestamp: number): ProbedFlow | undefined {
    return this.#flows[timestamp & (REMEMBERED - 1)];
  }
}
