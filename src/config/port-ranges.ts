import type { PortRange } from "../flow/target.ts";

/** Whether two ranges have a port in common. */
export function overlap(a: PortRange, b: PortRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}
