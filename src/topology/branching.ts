import type { BranchingPoint } from "../flow/coverage.ts";
import { SILENT, type Way } from "./known-paths.ts";

/** What is known of one place while the points are gathered. */
interface Node {
  readonly next: Set<string>;
  flows: number;
  readonly depth: number;
}

/**
 * The points that may hide unseen next hops: those that branch, and the last that all flows share. A router is named by
 * its place too, because a silent one has no address.
 * @param ways one a flow, at least up to the first hop that is not known
 */
export function branchingPoints(ways: Iterable<Way>): BranchingPoint[] {
  const nodes = new Map<string, Node>();
  let all = 0;
  for (const way of ways) {
    all += 1;
    let place = "source";
    way.forEach((hop, depth) => {
      const next = hop === null || hop === SILENT ? `* behind ${place}` : hop;
      const node = nodes.get(place) ?? { next: new Set(), flows: 0, depth };
      node.next.add(next);
      node.flows += 1;
      nodes.set(place, node);
      place = next;
    });
  }
  const branching = [...nodes.values()].filter(({ next }) => next.size > 1);
  const first = Math.min(...branching.map(({ depth }) => depth));
  const shared = [...nodes.values()].filter(
    ({ flows, depth, next }) => flows === all && next.size === 1 && depth < first,
  );
  const lastShared = shared.sort((a, b) => b.depth - a.depth)[0];
  const counted = lastShared === undefined ? branching : [...branching, lastShared];
  return counted.map(({ next, flows }) => ({ nextHops: next.size, flows }));
}
