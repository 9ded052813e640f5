import type { Lab } from "./lab.ts";
import { nextHops, routeLine, routeLines } from "./routes.ts";
import { interfaceTo, nodeOf } from "./topology.ts";

/** Something broken, until it is healed. */
export interface Fault {
  /** Undoes this fault and no other. */
  heal(): Promise<void>;
}

/** The router forwards nothing to the services, yet still answers an expired TTL. */
export function dropForward(lab: Lab, router: string): Promise<Fault> {
  return rule(lab, router, FORWARD, `${toServices(lab)} drop`);
}

/** The router drops what is meant for the services before it looks at the TTL: it is silent too. */
export function dropEarly(lab: Lab, router: string): Promise<Fault> {
  return rule(lab, router, PREROUTING, `${toServices(lab)} drop`);
}

/** The router loses this share of the packets to the services, chosen by chance; 0 to 100 percent. */
export function loss(lab: Lab, router: string, percent: number): Promise<Fault> {
  const share = Math.round(percent * 100);
  return rule(lab, router, FORWARD, `${toServices(lab)} numgen random mod 10000 < ${share} drop`);
}

/**
 * One of `members` links of a bundle behind the router is dead: flows whose hash falls on it die, others with
 * the same hops live. Hash seed fixed, so that the same flows fail again.
 */
export function lagMember(
  lab: Lab,
  router: string,
  members: number,
  broken: number,
): Promise<Fault> {
  const { nft } = lab.topology.plan;
  const hash = `jhash ${nft} saddr . ${nft} daddr . th sport . th dport mod ${members} seed 0x5bd1e995`;
  const ports = "meta l4proto { tcp, udp }";
  return rule(lab, router, FORWARD, `${toServices(lab)} ${ports} ${hash} == ${broken} drop`);
}

/** The router refuses to forward to the services and says so: administratively prohibited (ICMP code 13, ICMPv6 code 1). */
export function reject(lab: Lab, router: string): Promise<Fault> {
  const text = `${toServices(lab)} reject with ${ICMP[lab.topology.plan.nft]} type admin-prohibited`;
  return rule(lab, router, FORWARD, text);
}

/** The router drops what comes back from the services; requests pass. */
export function dropReplies(lab: Lab, router: string): Promise<Fault> {
  return rule(lab, router, FORWARD, `${lab.topology.plan.nft} saddr ${services(lab)} drop`);
}

/** The node's own firewall drops what it sends to the services: sending fails with EPERM. */
export function blockOutput(lab: Lab, node: string): Promise<Fault> {
  return rule(lab, node, OUTPUT, `${toServices(lab)} drop`);
}

/** The router answers no expired TTL, and forwards as before. */
export function silence(lab: Lab, router: string): Promise<Fault> {
  return rule(lab, router, OUTPUT, `${timeExceeded(lab)} drop`);
}

/** The router answers an expired TTL only so often, chosen by chance; 0 to 100 percent. It forwards as before. */
export function answerSeldom(lab: Lab, router: string, percent: number): Promise<Fault> {
  const kept = Math.round(percent * 100);
  const rest = `${timeExceeded(lab)} numgen random mod 10000 >= ${kept} drop`;
  return rule(lab, router, OUTPUT, rest);
}

/** The router has no route to the services: it drops what is meant for them before it looks at the TTL, and reports a little of it. */
export async function withoutRoute(lab: Lab, router: string): Promise<Fault> {
  const { plan, services: addresses } = lab.topology;
  const node = nodeOf(lab.topology, router);
  await lab.batch(
    router,
    addresses.map((address) => `route del ${address}/${plan.hostBits}`),
  );
  return { heal: () => lab.batch(router, routeLines(lab.topology, node)) };
}

/** Two neighbouring routers send packets for the services to each other. */
export async function loop(lab: Lab, router: string, next: string): Promise<Fault> {
  const towards = async (from: string, to: string) => {
    const node = nodeOf(lab.topology, from);
    const hop = interfaceTo(lab.topology, from, to);
    await lab.batch(
      from,
      lab.topology.services.map((address) => routeLine(lab.topology, node, address, [hop])),
    );
  };
  const restore = async (from: string) => {
    const node = nodeOf(lab.topology, from);
    const lines = [...lab.topology.nodes.values()].flatMap((owner) => {
      const hops = nextHops(lab.topology, owner.name).get(from) ?? [];
      return owner.services.map((address) => routeLine(lab.topology, node, address, hops));
    });
    await lab.batch(from, lines);
  };
  await Promise.all([towards(router, next), towards(next, router)]);
  return {
    heal: async () => {
      await Promise.all([restore(router), restore(next)]);
    },
  };
}

const FORWARD = "forward priority 0";
/** After the truth set (-400), before routing and the TTL check. */
const PREROUTING = "prerouting priority -200";
const OUTPUT = "output priority 0";
const ICMP = { ip: "icmp", ip6: "icmpv6" } as const;

/** A rule of a hook, such as `forward priority 0`. Every fault is a table of its own, so that healing one leaves the others. */
export async function rule(lab: Lab, node: string, hook: string, text: string): Promise<Fault> {
  const table = `${lab.topology.plan.nft} ecl_fault_${process.hrtime.bigint()}`;
  const chain = `chain c { type filter hook ${hook}; ${text}; }`;
  await lab.nft(node, `table ${table} {\n  ${chain}\n}\n`);
  return {
    heal: async () => {
      await lab.nft(node, `delete table ${table}\n`);
    },
  };
}

/** What an nftables rule matches packets to the services by. */
export function toServices(lab: Lab): string {
  return `${lab.topology.plan.nft} daddr ${services(lab)}`;
}

/** What it matches errors about an expired TTL by. */
export function timeExceeded(lab: Lab): string {
  return `${ICMP[lab.topology.plan.nft]} type time-exceeded`;
}

function services(lab: Lab): string {
  return `{ ${lab.topology.services.join(", ")} }`;
}
