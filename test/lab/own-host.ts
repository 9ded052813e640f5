import type { Lab } from "./lab.ts";
import { PORT } from "./odd-view.ts";
import { vipOf } from "./topologies.ts";
import { defineLab, interfaceTo, type Topology } from "./topology.ts";

/** Where the service really is when the client translates its address, and at which port. */
export const BACKEND = { 4: "192.0.2.20", 6: "2001:db8:ffff::20" } as const;
/** The port there. */
export const BACKEND_PORT = 8306;
const STAGE = ["p1", "p2", "p3"] as const;

/**
 * A host with two uplinks; its routes lead by the first, and so do those of the others to it.
 * ```
 *           ┌─ u1 ─┬─ p1 ─┐
 *  client ──┤      ├─ p2 ─┼─ j ── vip
 *           └─ u2 ─┴─ p3 ─┘
 * ```
 */
export function twoUplinks(family: 4 | 6): Topology {
  const uplinks = ["u1", "u2"];
  const routers = [...uplinks, ...STAGE, "j"];
  return defineLab({
    name: "uplinks",
    family,
    answersFrom: "interface",
    hostAccess: ["client"],
    nodes: {
      client: {},
      ...Object.fromEntries(routers.map((name) => [name, { router: true }])),
      vip: { services: [vipOf({ family }), BACKEND[family]] },
    },
    links: [
      ["client", "u1"],
      ["client", "u2", { cost: 3 }],
      // The second uplink is dearer on both of its sides, or it would lead back to the client by the first.
      ...STAGE.map((middle) => ["u1", middle] as const),
      ...STAGE.map((middle) => ["u2", middle, { cost: 2 }] as const),
      ...STAGE.map((middle) => [middle, "j"] as const),
      ["j", "vip"],
    ],
  });
}

/** The client's own packets with its address as source leave by the second uplink, whatever its main table says. */
export async function ruleBySource(lab: Lab): Promise<void> {
  const { peerAddress, name } = interfaceTo(lab.topology, "client", "u2");
  const source = lab.address("client");
  const { hostBits, family } = lab.topology.plan;
  const lines = lab.topology.services.map(
    (service) =>
      `route add ${service}/${hostBits} via ${peerAddress} dev ${name} src ${source} table 100`,
  );
  await lab.batch("client", lines);
  const rule = `rule add from ${source} lookup 100 priority 100`;
  await lab.exec("client", ["ip", `-${family}`, ...rule.split(" ")]);
}

/** Routers of the stage give what is meant for the client to the second uplink; all of them unless told. */
export async function answersBySecondUplink(
  lab: Lab,
  routers: readonly string[] = STAGE,
): Promise<void> {
  const { hostBits } = lab.topology.plan;
  await Promise.all(
    routers.map((router) => {
      const { peerAddress, name } = interfaceTo(lab.topology, router, "u2");
      const line = `route replace ${lab.address("client")}/${hostBits} via ${peerAddress} dev ${name}`;
      return lab.batch(router, [line]);
    }),
  );
}

/** The client translates address and port of the service in what it sends itself, as kube-proxy has it done. */
export async function translateOutput(lab: Lab): Promise<void> {
  const { nft, family } = lab.topology.plan;
  const backend = BACKEND[family];
  const to = family === 4 ? `${backend}:${BACKEND_PORT}` : `[${backend}]:${BACKEND_PORT}`;
  const service = `${nft} daddr ${vipOf({ family })}`;
  await lab.nft(
    "client",
    `table ${nft} service {
  chain output {
    type nat hook output priority -100
    ${service} meta l4proto { tcp, udp } th dport ${PORT} dnat to ${to}
    ${service} meta l4proto { icmp, icmpv6 } dnat to ${backend}
  }
}
`,
  );
}

/**
 * Whether a connection of the client's own to the service comes about. It names its source address: of IPv6 the kernel does
 * not look its rules up again for a source that it chose itself.
 */
export async function connects(lab: Lab, port = PORT): Promise<boolean> {
  const [service = ""] = lab.topology.services;
  try {
    await lab.exec("client", [
      ...["nc", "-z", "-w", "2", "-s", lab.address("client")],
      service,
      String(port),
    ]);
    return true;
  } catch {
    return false;
  }
}

/** Source ports of the exporter's whose connections the service's host holds half open at this moment. */
export async function halfOpen(lab: Lab): Promise<number[]> {
  const listing = await lab.exec("vip", ["ss", "-Htan", "state", "syn-recv"]);
  const ports = [...listing.matchAll(/:(\d+)\s*$/gm)].map(([, port]) => Number(port));
  return ports.filter((port) => port >= 61_000);
}
