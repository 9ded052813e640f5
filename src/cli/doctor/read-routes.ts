import type { Target } from "../../flow/target.ts";
import { protocolNumber } from "../../probe/probe-packet.ts";
import type { ConnectionWays } from "../../wire/connection-ways.ts";
import type { Read, RouteLookup, TargetRoutes } from "./host-facts.ts";
import { runTool } from "./run-tool.ts";

interface IpRoute {
  readonly dst?: string;
  readonly dev?: string;
  /** A number or a name; absent for the main table. */
  readonly table?: string;
  readonly gateway?: string;
  readonly via?: { readonly host?: string };
  readonly nexthops?: readonly unknown[];
}

/** How the exporter itself asks for the ways of connections; why it cannot, else. */
export type Ways = Pick<ConnectionWays, "of" | "obstacle" | "sourceFor"> | string;

/** Asks the kernel for the ways to a target: `ip route get` sends nothing. */
export async function readRoutes(target: Target, ways: Ways): Promise<TargetRoutes> {
  const { address, source, port, protocol, sourcePorts } = target;
  const family = `-${address.family}`;
  const { first, last } = sourcePorts;
  const middle = Math.floor((first + last) / 2);
  const flow = (sourcePort: number): string[] =>
    protocol === "icmp"
      ? ["ipproto", address.family === 4 ? "icmp" : "ipv6-icmp"]
      : ["ipproto", protocol, "sport", String(sourcePort), "dport", String(port)];
  const get = (args: readonly string[]): Promise<Read<string>> =>
    runTool("ip", [family, "-j", "route", "get", address.text, ...args]);
  const ports = [first, middle, last];
  const [probe, ...connections] = await Promise.all([
    get(["from", source.text]),
    ...ports.map((sourcePort) => get(flow(sourcePort))),
  ]);
  // The kernel's rules choose the table: that of connections need not be the main one.
  const [connection = probe] = connections;
  const matching = ["table", tableOf(connection), "match", address.text];
  const shown = await runTool("ip", [family, "-j", "route", "show", ...matching]);
  return {
    probe: lookupOf(probe),
    connections: connections.map((said, at) => ({
      ...lookupOf(said),
      sourcePort: ports[at] ?? first,
    })),
    nextHops: nextHopsOf(shown),
    obstacle: obstacleOf(target, ports, ways),
  };
}

function obstacleOf(
  target: Target,
  ports: readonly number[],
  ways: Ways,
): TargetRoutes["obstacle"] {
  if (typeof ways === "string") return { unread: ways };
  const { source, address: destination, port: destinationPort } = target;
  const protocol = protocolNumber(target);
  const found = ports.map((port) => {
    const sourcePort = target.protocol === "icmp" ? 0 : port;
    return ways.obstacle(ways.of({ source, destination, protocol, sourcePort, destinationPort }));
  });
  return { value: found.find((obstacle) => obstacle !== undefined) };
}

/** The table that the one route of `ip -j route get` stands in. */
export function tableOf(said: Read<string>): string {
  const routes = parsed(said);
  return "unread" in routes ? "main" : (routes.value[0]?.table ?? "main");
}

/** Reads the one route of `ip -j route get`. */
export function lookupOf(said: Read<string>): Read<RouteLookup> {
  const routes = parsed(said);
  if ("unread" in routes) return routes;
  const [route] = routes.value;
  if (route?.dev === undefined) return { unread: "the kernel knows no route" };
  return { value: { dev: route.dev, gateway: route.gateway ?? route.via?.host ?? "" } };
}

/** How many next hops the most specific of the routes has. */
export function nextHopsOf(said: Read<string>): Read<number> {
  const routes = parsed(said);
  if ("unread" in routes) return routes;
  const lengthOf = ({ dst = "default" }: IpRoute): number =>
    dst === "default" ? 0 : Number(dst.split("/")[1] ?? 128);
  const [best] = [...routes.value].sort((a, b) => lengthOf(b) - lengthOf(a));
  return { value: best?.nexthops?.length ?? 1 };
}

function parsed(said: Read<string>): Read<readonly IpRoute[]> {
  if ("unread" in said) return said;
  try {
    return { value: JSON.parse(said.value || "[]") as readonly IpRoute[] };
  } catch {
    return { unread: "ip's answer is no JSON" };
  }
}
