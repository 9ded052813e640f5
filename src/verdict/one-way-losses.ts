import type { OneWayCounts } from "../localize/one-way-direction.ts";
import type { Direction } from "../probe/one-way.ts";
import { WINDOW_MS } from "./flow-window.ts";

/** The newest losses of a flow say what fails now; older ones may be of another fault. */
const KEPT_A_FLOW = 16;

/** What STAMP reflectors have shown of the direction in which each flow's packets were lost lately. */
export class OneWayLosses<Flow extends object> {
  readonly #flows: WeakMap<Flow, { readonly at: number; readonly direction: Direction }[]> =
    new WeakMap();

  /** The direction of a loss has become known. */
  add(flow: Flow, direction: Direction, now: number): void {
    const losses = this.#flows.get(flow) ?? [];
    losses.push({ at: now, direction });
    if (losses.length > KEPT_A_FLOW) losses.shift();
    this.#flows.set(flow, losses);
  }

  /** Counts of the last five minutes, of the newest losses alone; undefined where there are none. */
  of(flow: Flow, now: number): OneWayCounts | undefined {
    const recent = this.#flows.get(flow)?.filter(({ at }) => now - at <= WINDOW_MS) ?? [];
    if (recent.length === 0) return undefined;
    const forward = recent.filter(({ direction }) => direction === "forward").length;
    return { forward, return: recent.length - forward };
  }
}
