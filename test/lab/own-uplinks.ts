import type { Lab } from "./lab.ts";
import { PORT } from "./odd-view.ts";
import { interfaceTo } from "./topology.ts";

/** What the client's own routes and rules say; the service's host and the routers are as they are. */
export interface OwnRoutes {
  /** `ip rule` selectors of what the second uplink is for, such as `ipproto tcp dport 3306`; a table of its own leads there. */
  readonly rule?: string;
  /** The main table leads by both uplinks, and the kernel chooses by this hash policy. */
  readonly hashPolicy?: 0 | 1;
}

/** Gives the client its routes and rules. */
export async function routeClient(lab: Lab, { rule, hashPolicy }: OwnRoutes): Promise<void> {
  const { hostBits, family } = lab.topology.plan;
  const [first, second] = ["u1", "u2"].map((peer) => interfaceTo(lab.topology, "client", peer));
  if (first === undefined || second === undefined) throw new Error("no uplinks");
  const source = lab.address("client");
  const next = (end: typeof first): string => `via ${end.peerAddress} dev ${end.name}`;
  const services = lab.topology.services.map((service) => `${service}/${hostBits} src ${source}`);
  if (hashPolicy !== undefined) {
    const both = `nexthop ${next(first)} nexthop ${next(second)}`;
    await lab.batch(
      "client",
      services.map((to) => `route replace ${to} ${both}`),
    );
    const name = `net.ipv${family}.fib_multipath_hash_policy`;
    await lab.exec("client", ["sysctl", "-qw", `${name}=${hashPolicy}`]);
  }
  if (rule !== undefined) {
    const lines = services.map((to) => `route add ${to} ${next(second)} table 100`);
    await lab.batch("client", lines);
    await changeRule(lab, "add", rule);
  }
}

/** Adds or takes away the client's rule for its second uplink. */
export async function changeRule(lab: Lab, what: "add" | "del", rule: string): Promise<void> {
  const args = `rule ${what} ${rule} lookup 100 priority 100`.split(" ");
  await lab.exec("client", ["ip", `-${lab.topology.plan.family}`, ...args]);
}

/** Source ports of those given from which a connection (a datagram, of UDP) of the client's kernel is handed to the router. */
export async function kernelPortsBy(
  lab: Lab,
  router: string,
  protocol: "tcp" | "udp",
  ports: readonly number[],
): Promise<Set<number>> {
  const truth = lab.truth(router);
  await truth.reset();
  const [service = ""] = lab.topology.services;
  const nc = `nc -w 1 -s ${lab.address("client")}`;
  const to = `${service} ${PORT} >/dev/null 2>&1`;
  // One shell for all: they wait for what does not answer side by side.
  const lines = ports.map((port) =>
    protocol === "tcp"
      ? `${nc} -z -p ${port} ${to} </dev/null &`
      : `echo | ${nc} -u -p ${port} ${to} &`,
  );
  await lab.exec("client", ["sh", "-c", [...lines, "wait"].join("\n")]);
  return truth.ports();
}
