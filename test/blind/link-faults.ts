import { type Fault, rule, toServices } from "../lab/faults.ts";
import type { Lab } from "../lab/lab.ts";
import { interfaceTo, nodeOf } from "../lab/topology.ts";

/** Before routing and the TTL check: what a link loses never reaches the router behind it. */
const BEFORE = "prerouting priority -200";

/** The link loses what is meant for the services; 100 percent unless told. */
export function breakLink(lab: Lab, from: string, to: string, percent = 100): Promise<Fault> {
  const chance = percent === 100 ? "" : `numgen random mod 100 < ${percent} `;
  return rule(lab, to, BEFORE, `${over(lab, from, to)} ${chance}drop`);
}

/** One of `members` of the bundle that the link is loses what is hashed to it. */
export function breakMember(lab: Lab, from: string, to: string, members: number): Promise<Fault> {
  const { nft } = lab.topology.plan;
  const hash = `jhash ${nft} saddr . ${nft} daddr . th sport . th dport mod ${members} seed 0x9e3779b9`;
  return rule(
    lab,
    to,
    BEFORE,
    `${over(lab, from, to)} meta l4proto { tcp, udp } ${hash} == 0 drop`,
  );
}

/** The router loses a share of what comes back from the services. */
export function returnLoss(lab: Lab, router: string, percent: number): Promise<Fault> {
  const { services, plan } = lab.topology;
  const from = `${plan.nft} saddr { ${services.join(", ")} }`;
  return rule(lab, router, "forward priority 0", `${from} numgen random mod 100 < ${percent} drop`);
}

/** The router forwards to the services what begins a connection and drops what follows. */
export function dropAllButFirst(lab: Lab, router: string): Promise<Fault> {
  return rule(lab, router, "forward priority 0", `${toServices(lab)} tcp flags & syn == 0 drop`);
}

/** The router lets only so many packets a second through to the services, whoever sends them. */
export function limitTo(lab: Lab, router: string, perSecond: number): Promise<Fault> {
  const limit = `limit rate over ${perSecond}/second burst ${perSecond} packets drop`;
  return rule(lab, router, "forward priority 0", `${toServices(lab)} tcp flags syn ${limit}`);
}

/** Addresses of a router: of its interfaces and on `lo`. */
export function addressesOf(lab: Lab, router: string): string[] {
  const { address, interfaces } = nodeOf(lab.topology, router);
  return [address, ...interfaces.map((end) => end.address)];
}

function over(lab: Lab, from: string, to: string): string {
  return `iifname ${interfaceTo(lab.topology, to, from).name} ${toServices(lab)}`;
}
