import { VIP } from "../lab/topologies.ts";
import { defineLab, type LinkSpec, type Topology } from "../lab/topology.ts";

/**
 * Two stages: packets may be spread over p1 and p2 by chance, flows are over f1 to f3 by hash.
 * ```
 *                     ┌─ p1 ─┐      ┌─ f1 ─┐
 *  client ── r1 ── r2 ┤      ├─ r3 ─┼─ f2 ─┼─ r4 ── vip
 *                     └─ p2 ─┘      └─ f3 ─┘
 * ```
 */
export function branches(): Topology {
  const [packets, flows] = [
    ["p1", "p2"],
    ["f1", "f2", "f3"],
  ] as const;
  const links: LinkSpec[] = [
    ["client", "r1"],
    ["r1", "r2"],
    ...packets.flatMap((router): LinkSpec[] => [
      ["r2", router],
      [router, "r3"],
    ]),
    ...flows.flatMap((router): LinkSpec[] => [
      ["r3", router],
      [router, "r4"],
    ]),
    ["r4", "vip"],
  ];
  const routers = ["r1", "r2", "r3", "r4", ...packets, ...flows];
  return defineLab({
    hostAccess: ["client"],
    answersFrom: "interface",
    name: "branches",
    nodes: {
      client: {},
      ...Object.fromEntries(routers.map((name) => [name, { router: true }])),
      vip: { services: [VIP] },
    },
    links,
  });
}
