import type { Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Member } from "./member.ts";
import type { Scene } from "./scene.ts";

/** So many silent hops in a row before the destination hide where packets die; one may be a firewall that answers nothing. */
const HIDING = 2;

/**
 * The hop behind which nothing answers up to the destination, where all ways that are known end so and a part of the flows dies behind it: a sweep
 * that ends there says no more of the way back than of the way there. Undefined elsewhere.
 * @param hit flows that show the fault
 */
export function silentStretchAfter(
  { input }: Pick<Scene, "input">,
  { kind }: FaultLocation,
  { extent }: Effect,
  hit: readonly Pick<Member, "flow">[],
): string | undefined {
  if (kind !== "behind" || extent === "all") return undefined;
  const known = hit.flatMap(({ flow }) => input.flows[flow]?.path ?? []).length > 0;
  const flows = known ? hit.flatMap(({ flow }) => input.flows[flow] ?? []) : input.flows;
  const last = new Set<string | undefined>();
  for (const { path } of flows) {
    if (path === null) continue;
    const at = path.findLastIndex((hop, ttl) => hop !== null && ttl < path.length - 1);
    last.add(path.length - 2 - at >= HIDING ? (path[at] ?? undefined) : undefined);
  }
  const [only] = last;
  return last.size === 1 ? only : undefined;
}
