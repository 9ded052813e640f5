import type { Direction } from "../probe/one-way.ts";

/** How many lost probes are known to have been lost on the way there, and how many answers on the way back. */
export interface OneWayCounts {
  readonly forward: number;
  readonly return: number;
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
