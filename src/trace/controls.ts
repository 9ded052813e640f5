import type { Trace } from "./trace.ts";

/** So many at once, over all targets: hops give few answers, and failing flows need them. */
const MOST = 4;

/** The controls under way: sweeps of healthy flows beside those of failing ones. */
export class Controls {
  readonly #traces: Set<Trace> = new Set();

  /** Whether one more may begin. @param isUnderWay whether one that began is not over yet */
  hasRoom(isUnderWay: (trace: Trace) => boolean): boolean {
    for (const trace of this.#traces) if (!isUnderWay(trace)) this.#traces.delete(trace);
    return this.#traces.size < MOST;
  }

  /** One begins. */
  add(trace: Trace): void {
    this.#traces.add(trace);
  }
}
