import { existsSync, readdirSync } from "node:fs";
import { run, runSync } from "./command.ts";
import { routeLines } from "./routes.ts";
import type { Interface, LabNode, Topology } from "./topology.ts";
import { truthTable } from "./truth.ts";

/** Every namespace and host interface of a lab begins with this. */
const PREFIX = "ecl";
const NETNS_DIRECTORY = "/run/netns";
/** 10.255.0.0/16 holds this many /30 links to the host. */
const HOST_LINKS = 16_384;

/**
 * Forwarding, and a choice among equal-cost routes by addresses, protocol and ports (policy 3, fields 0x37).
 * Policy 1 would reuse the hash the sender's kernel left on the packet, which crosses a veth: a kernel socket and
 * a raw probe of the same 5-tuple would then part. ICMP rate limits stay as Linux has them.
 */
const ROUTER_SYSCTLS = {
  4: {
    "net/ipv4/ip_forward": 1,
    "net/ipv4/fib_multipath_hash_policy": 3,
  },
  6: {
    "net/ipv6/conf/all/forwarding": 1,
    "net/ipv6/fib_multipath_hash_policy": 3,
    // The limit that Linux had for two decades; the newest kernels answer ten times as often.
    "net/ipv6/icmp/ratelimit": 1000,
  },
};

/**
 * In a namespace of IPv4 no neighbour discovery; in one of IPv6 addresses that can be used at once: the links are there
 * already, so each is told not to look for duplicates (RFC 4862 section 5.4).
 */
function nodeSysctls({ plan }: Topology, { interfaces }: LabNode): Record<string, number> {
  if (plan.family === 4) return { "net/ipv6/conf/all/disable_ipv6": 1 };
  return Object.fromEntries(
    ["all", ...interfaces.map(({ name }) => name)].flatMap((name) => [
      [`net/ipv6/conf/${name}/accept_dad`, 0],
      [`net/ipv6/conf/${name}/router_solicitations`, 0],
    ]),
  );
}

/** A prefix for one lab's namespaces: says which process owns it. */
export function labPrefix(random: string): string {
  return `${PREFIX}-${process.pid}-${random}`;
}

/** Creates namespaces, links, addresses, routes and truth sets of a lab. */
export async function buildNamespaces(topology: Topology, prefix: string): Promise<void> {
  const nodes = [...topology.nodes.values()];
  const lines = nodes.map((node) => `netns add ${prefix}-${node.name}`);
  for (const end of nodes.flatMap((node) => node.interfaces)) {
    const other = farEnd(topology, end);
    // Each link has two ends; the one that sorts first creates both.
    if (end.address > end.peerAddress) continue;
    lines.push(
      `link add ${end.name} netns ${prefix}-${end.node} type veth peer name ${other.name} netns ${prefix}-${other.node}`,
    );
  }
  await run("ip", ["-batch", "-"], `${lines.join("\n")}\n`);
  await Promise.all(
    nodes.map((node) =>
      run(
        "ip",
        ["netns", "exec", `${prefix}-${node.name}`, "sh", "-e"],
        setUpScript(topology, node),
      ),
    ),
  );
}

/**
 * Joins a namespace to the host by a link of its own.
 * @returns the namespace's address on it, which the host can reach
 */
export async function joinToHost(namespace: string): Promise<string> {
  for (let slot = 0; slot < HOST_LINKS; slot++) {
    const subnet = `10.255.${slot >> 6}.`;
    const host = (slot & 63) * 4 + 1;
    // The interface's name claims the slot: the kernel lets no two have the same.
    const name = `${PREFIX}${slot}`;
    if (existsSync(`/sys/class/net/${name}`)) continue;
    try {
      await run("ip", ["link", "add", name, "type", "veth", "peer", "host", "netns", namespace]);
    } catch (error) {
      if (error instanceof Error && error.message.includes("File exists")) continue;
      throw error;
    }
    await run(
      "ip",
      ["-batch", "-"],
      `addr add ${subnet}${host}/30 dev ${name}\nlink set ${name} up\n`,
    );
    const inside = `addr add ${subnet}${host + 1}/30 dev host\nlink set host up\n`;
    await run("ip", ["-n", namespace, "-batch", "-"], inside);
    return `${subnet}${host + 1}`;
  }
  throw new Error("every link from the host to a lab is taken");
}

/** Removes all namespaces of a lab, at once and without waiting; those that are gone already do not matter. */
export function removeNamespaces(prefix: string): void {
  const lines = listNamespaces()
    .filter((name) => name.startsWith(`${prefix}-`))
    .map((name) => `netns del ${name}\n`);
  if (lines.length > 0) runSync("ip", ["-force", "-batch", "-"], lines.join(""));
}

/**
 * Removes what labs of processes that no longer live left behind, and ends what still runs in there.
 * @returns the namespaces removed
 */
export function sweepLeftovers(): string[] {
  const dead = listNamespaces().filter((name) => {
    const owner = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    return owner !== undefined && !existsSync(`/proc/${owner}`);
  });
  for (const name of dead) {
    for (const pid of runSync("ip", ["netns", "pids", name]).split("\n")) {
      if (pid !== "") process.kill(Number(pid), "SIGKILL");
    }
    runSync("ip", ["netns", "del", name]);
  }
  return dead;
}

function listNamespaces(): string[] {
  return existsSync(NETNS_DIRECTORY) ? readdirSync(NETNS_DIRECTORY) : [];
}

function farEnd(topology: Topology, end: Interface): Interface {
  const found = topology.nodes
    .get(end.peer)
    ?.interfaces.find((other) => other.address === end.peerAddress);
  if (found === undefined) throw new Error(`link ${end.node} - ${end.peer} has one end only`);
  return found;
}

/** Shell script that a fresh namespace is set up by. */
function setUpScript(topology: Topology, node: LabNode): string {
  const { plan } = topology;
  // Without it an address is tentative until a worker of the kernel has looked at it, and routes refuse it as source.
  const now = plan.family === 6 ? " nodad" : "";
  const sysctls: Record<string, number> = {
    ...nodeSysctls(topology, node),
    ...(node.router ? ROUTER_SYSCTLS[plan.family] : {}),
    [`net/ipv${plan.family}/fib_multipath_hash_fields`]: topology.spec.hashFields ?? 0x37,
    // One seed for both families.
    "net/ipv4/fib_multipath_hash_seed": node.hashSeed,
    "net/ipv4/icmp_errors_use_inbound_ifaddr": topology.spec.answersFrom === "interface" ? 1 : 0,
  };
  const settings = Object.entries(sysctls).map(
    ([key, value]) => `echo ${value} > /proc/sys/${key}`,
  );
  const addresses = [node.address, ...node.services].map(
    (own) => `addr add ${own}/${plan.hostBits} dev lo${now}`,
  );
  const links = node.interfaces.flatMap((end) => [
    `addr add ${end.address}/${plan.linkBits} dev ${end.name}${now}`,
    `link set ${end.name} up`,
  ]);
  const batch = ["link set lo up", ...addresses, ...links, ...routeLines(topology, node)];
  return [
    ...settings,
    "ip -batch - <<'END'",
    ...batch,
    "END",
    ...(node.router ? ["nft -f - <<'END'", truthTable(topology), "END"] : []),
    "",
  ].join("\n");
}
