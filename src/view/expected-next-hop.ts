import type { FlowView, PathView } from "./target-view.ts";

/**
 * The hop that a failing flow should have reached behind the last one that answered: of its own path where that is known,
 * else of all known paths through the hop.
 * @returns the hops, sorted; empty where nothing is known behind it
 */
export function expectedNextHops(
  { last_hop, path }: Pick<FlowView, "last_hop" | "path">,
  paths: readonly Pick<PathView, "id" | "hops">[],
): string[] {
  const next = (hops: readonly (string | null)[]): string | undefined => {
    if (last_hop === "none") return hops.find((hop) => hop !== null) ?? undefined;
    const at = hops.indexOf(last_hop);
    return at < 0 ? undefined : (hops.slice(at + 1).find((hop) => hop !== null) ?? undefined);
  };
  const own = paths.find(({ id }) => id === path);
  const known = own === undefined ? undefined : next(own.hops);
  if (known !== undefined) return [known];
  return [...new Set(paths.flatMap(({ hops }) => next(hops) ?? []))].sort();
}
