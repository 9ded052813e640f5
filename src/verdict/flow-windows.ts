import type { ProbedFlow } from "../probe/probed-flow.ts";
import { FlowWindow } from "./flow-window.ts";
import { WindowMemory } from "./window-memory.ts";

/** The windows of one target's flows, flows that a rotation has retired included, in the order in which they began. */
export class FlowWindows {
  readonly #windows: Map<ProbedFlow, FlowWindow> = new Map();
  /** By bucket the window of the last probe: the next is most likely of the same flow. */
  readonly #latest: (FlowWindow | undefined)[] = [];
  readonly #memory: WindowMemory = new WindowMemory();

  /** The window of a flow; begun when first asked for. */
  of(flow: ProbedFlow, now: number): FlowWindow {
    const { bucket } = flow;
    const latest = this.#latest[bucket];
    if (latest?.flow === flow) return latest;
    let window = this.#windows.get(flow);
    if (window === undefined) {
      window = new FlowWindow(now, this.#memory, flow);
      this.#windows.set(flow, window);
    }
    this.#latest[bucket] = window;
    return window;
  }

  /** The window of the bucket's last probe. */
  latest(bucket: number): FlowWindow | undefined {
    return this.#latest[bucket];
  }

  /** The window of a flow; undefined where it has none. */
  get(flow: ProbedFlow): FlowWindow | undefined {
    return this.#windows.get(flow);
  }

  /** Forgets a flow. */
  delete(flow: ProbedFlow): void {
    this.#windows.delete(flow);
    if (this.#latest[flow.bucket]?.flow === flow) this.#latest[flow.bucket] = undefined;
  }

  /** All windows. */
  values(): MapIterator<FlowWindow> {
    return this.#windows.values();
  }

  /** All flows and their windows. */
  [Symbol.iterator](): MapIterator<[ProbedFlow, FlowWindow]> {
    return this.#windows.entries();
  }
}

/** Failures in the window of several flows. */
export function failuresOf(windows: readonly FlowWindow[]): number {
  return windows.reduce((sum, { failures }) => sum + failures, 0);
}
