import { type Finding, fine } from "./finding.ts";
import type { HostFacts, LookedAt, RouteLookup } from "./host-facts.ts";

const TOPIC = "routes";

/** Whether probes leave by another way than connections would, or by one of several only. */
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
  const { probe, connections, nextHops } = routes;
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
  const findings: Finding[] = [];
  const other = connections.find(
    (lookup) => "value" in lookup && words(lookup.value) !== words(probe.value),
  );
  if (other !== undefined && "value" in other) {
    findings.push({
      level: "warning",
      topic: TOPIC,
      message: `${name}: probes leave by ${words(probe.value)}, a connection from port ${other.sourcePort} by ${words(other.value)}: a rule of ip rule or several uplinks part them.`,
      fix: "probe with method: connect, or make the rule match the exporter's packets as well.",
    });
  }
  const several = "value" in nextHops && nextHops.value > 1;
  if (several && hashPolicies[target.address.family] !== 0 && findings.length === 0) {
    findings.push({
      level: "warning",
      topic: TOPIC,
      message: `${name}: this host spreads connections over ${nextHops.value} uplinks by their ports, and all probes take one.`,
      fix: `probe with method: connect, or set net.ipv${target.address.family}.fib_multipath_hash_policy to 0.`,
    });
  }
  return findings;
}

function words({ dev, gateway }: RouteLookup): string {
  return gateway === "" ? dev : `${gateway} on ${dev}`;
}
