import type { FaultLocation } from "./fault-location.ts";
import type { Scene } from "./scene.ts";

/** Times that are known of those that a fault hits; dead flows alone have failed since one. */
export function timesOf(
  { input, counts }: Pick<Scene, "input" | "counts">,
  members: FaultLocation["members"],
  time: "failing_since" | "first_failure",
): number[] {
  return members.flatMap(({ flow, weight }) => {
    const { failures = 0, probes = 0 } = counts[flow] ?? {};
    const isHit = failures > 0 && (time === "first_failure" || failures === probes);
    return weight > 0.5 && isHit ? (input.flows[flow]?.[time] ?? []) : [];
  });
}

/** The middle one; undefined of none. */
export function median(rows: readonly number[]): number | undefined {
  return [...rows].sort((a, b) => a - b)[rows.length >> 1];
}
