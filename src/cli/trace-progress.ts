import type { TargetView } from "../view/target-view.ts";
import type { TraceStage } from "./trace-end.ts";

/** What a line of progress says. */
export interface ProgressFacts {
  readonly stage: TraceStage;
  readonly flows: TargetView["flows"];
  /** Packets sent so far. */
  readonly packets: number;
  /** Time left at most, milliseconds. */
  readonly leftMs: number;
}

/** One line on standard error that is written over again and again; nothing where that is no terminal. */
export class Progress {
  readonly #stream: { readonly isTTY?: boolean; write(text: string): unknown };

  constructor(stream: { readonly isTTY?: boolean; write(text: string): unknown }) {
    this.#stream = stream;
  }

  /** Shows how far the trace is. */
  show(facts: ProgressFacts): void {
    this.#write(progressLine(facts));
  }

  /** Removes the line. */
  clear(): void {
    this.#write("");
  }

  #write(text: string): void {
    if (this.#stream.isTTY === true) this.#stream.write(`\r\u001b[K${text}`);
  }
}

/** How far a trace is, in less than 80 columns. */
export function progressLine({ stage, flows, packets, leftMs }: ProgressFacts): string {
  const failing = flows.filter(({ state }) => state === "failing").length;
  const answered = flows.filter(({ state }) => state === "up").length;
  const left = Math.ceil(leftMs / 1000);
  return `${stage}: ${answered} of ${flows.length} flows answered, ${failing} fail, ${packets} packets, ${left} s left`;
}
