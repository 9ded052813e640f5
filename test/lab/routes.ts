import type { Interface, LabNode, Topology } from "./topology.ts";

/**
 * Equal-cost next hops of every node towards one node: all first interfaces of cheapest paths.
 * @param without nodes that are out of service
 * @returns by node name; nodes that cannot reach `destination` are absent
 */
export function nextHops(
  topology: Topology,
  destination: string,
  without: ReadonlySet<string> = new Set(),
): Map<string, Interface[]> {
  const distance = distances(topology, destination, without);
  const hops = new Map<string, Interface[]>();
  for (const [name, own] of distance) {
    if (name === destination) continue;
    const node = topology.nodes.get(name);
    const equal = (node?.interfaces ?? []).filter(
      (end) =>
        transits(topology, end.peer, destination) && distance.get(end.peer) === own - end.cost,
    );
    if (equal.length > 0) hops.set(name, equal);
  }
  return hops;
}

/** Lines of `ip -batch` that give one node its routes to all others. */
export function routeLines(
  topology: Topology,
  node: LabNode,
  without: ReadonlySet<string> = new Set(),
): string[] {
  const lines: string[] = [];
  for (const destination of topology.nodes.values()) {
    if (destination.name === node.name) continue;
    const hops = nextHops(topology, destination.name, without).get(node.name);
    for (const address of [destination.address, ...destination.services]) {
      if (hops !== undefined) lines.push(routeLine(topology, node, address, hops));
    }
  }
  return lines;
}

/** One line of `ip -batch`: a route to `address` over all of `hops`, with the node's own address as source. */
export function routeLine(
  { plan }: Topology,
  { routeSource }: LabNode,
  address: string,
  hops: readonly Interface[],
): string {
  const via = hops.map(
    (hop) => `nexthop via ${hop.peerAddress} dev ${hop.name} weight ${hop.weight}`,
  );
  const source = routeSource === undefined ? "" : `src ${routeSource} `;
  return `route replace ${address}/${plan.hostBits} ${source}${via.join(" ")}`;
}

/** Every path from one node to another as node names, in the order of declaration. */
export function allPaths(topology: Topology, from: string, to: string): string[][] {
  const hops = nextHops(topology, to);
  const walk = (at: string): string[][] =>
    at === to
      ? [[to]]
      : (hops.get(at) ?? []).flatMap((end) => walk(end.peer).map((rest) => [at, ...rest]));
  return walk(from);
}

/** Bellman-Ford: labs are small, and this needs no queue. */
function distances(
  topology: Topology,
  destination: string,
  without: ReadonlySet<string>,
): Map<string, number> {
  const distance = new Map<string, number>([[destination, 0]]);
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of topology.nodes.values()) {
      if (without.has(node.name)) continue;
      for (const end of node.interfaces) {
        if (!transits(topology, end.peer, destination)) continue;
        const candidate = (distance.get(end.peer) ?? Number.POSITIVE_INFINITY) + end.cost;
        if (candidate < (distance.get(node.name) ?? Number.POSITIVE_INFINITY)) {
          distance.set(node.name, candidate);
          changed = true;
        }
      }
    }
  }
  return distance;
}

function transits(topology: Topology, name: string, destination: string): boolean {
  return name === destination || topology.nodes.get(name)?.router === true;
}
