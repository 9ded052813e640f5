import type { Direction } from "../probe/one-way.ts";
import { WINDOW_MS } from "../verdict/flow-window.ts";

/** The newest losses of a flow say what fails now; older ones may be of another fault. */
const KEPT_A_FLOW = 16;

/** How many lost probes are known to have been lost on the way there, and how many answers on the way back. */
export interface OneWayCounts {
  readonly forward: number;
  readonly return: number;
}

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

/** Fewer losses than this could be of something else that lost a packet at the same time. */
const LEAST_LOSSES = 3;
/** Share of the losses that must agree. A packet that overtakes another can make one of them say the wrong thing. */
const LEAST_AGREEMENT = 0.9;

/** The direction in which packets of these flows are lost, and how many losses show it; undefined where it is not certain. */
export function certainDirection(
  flows: Iterable<OneWayCounts | undefined>,
): { readonly direction: Direction; readonly losses: number } | undefined {
  let forward = 0;
  let back = 0;
  for (const counts of flows) {
    forward += counts?.forward ?? 0;
    back += counts?.return ?? 0;
  }
  const losses = forward + back;
  if (losses < LEAST_LOSSES) return undefined;
  if (forward >= LEAST_AGREEMENT * losses) return { direction: "forward", losses: forward };
  if (back >= LEAST_AGREEMENT * losses) return { direction: "return", losses: back };
  return undefined;
}
