import { type Finding, fine } from "./finding.ts";
import type { HostFacts, LookedAt, RouteLookup, TargetRoutes } from "./host-facts.ts";

const TOPIC = "routes";

/** Whether connections leave this host by other ways than raw packets, and whether probes follow them. */
export function checkRoutes(facts: HostFacts): Finding[] {
  const findings = facts.targets.flatMap((looked) => routeFindings(looked, facts));
  return findings.length > 0
    ? findings
    : [fine(TOPIC, "Probes leave by the way that connections take.")];
}

function routeFindings({ target, routes }: LookedAt, { hashPolicies }: HostFacts): Finding[] {
  const { name } = target;
  // The kernel itself picks the way of a connection that it makes.
  if (target.method === "connect") return [];
  const { probe, connections, nextHops, obstacle } = routes;
  if ("unread" in probe) {
    return [
      {
        level: "warning",
        topic: TOPIC,
        message: `${name}: the way of its probes was not found: ${probe.unread}.`,
        fix: "install iproute2, or add a route to the target.",
      },
    ];
  }
  const other = connections.find(
    (lookup) => "value" in lookup && words(lookup.value) !== words(probe.value),
  );
  const several = "value" in nextHops && nextHops.value > 1;
  // IPv6 hashes more than addresses with every policy.
  const spread = several && (target.address.family === 6 || hashPolicies[4] !== 0);
  if (other !== undefined && "value" in other) {
    const parted = `raw packets leave by ${words(probe.value)}, a connection from port ${other.sourcePort} by ${words(other.value)}: a rule of ip rule or several uplinks part them`;
    return [followed(name, parted, obstacle)];
  }
  if (!spread) return [];
  const parted = `this host spreads connections over ${nextHops.value} uplinks by more than addresses`;
  return [followed(name, parted, obstacle)];
}

/** Whether the exporter sends probes where connections go, although raw packets would not go there by themselves. */
function followed(name: string, parted: string, obstacle: TargetRoutes["obstacle"]): Finding {
  const why = "unread" in obstacle ? obstacle.unread : obstacle.value;
  if (why === undefined) {
    return fine(TOPIC, `${name}: ${parted}. Probes are sent the way of connections.`);
  }
  return {
    level: "warning",
    topic: TOPIC,
    message: `${name}: ${parted}. Probes cannot be sent the way of connections: ${why}.`,
    fix: "probe with method: connect, or make the routes for raw packets lead there as well.",
  };
}

function words({ dev, gateway }: RouteLookup): string {
  return gateway === "" ? dev : `${gateway} on ${dev}`;
}
