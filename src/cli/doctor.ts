import { systemClock } from "../clock.ts";
import { loadAll } from "../daemon/configuration.ts";
import { checkFirewall } from "./doctor/check-firewall.ts";
import {
  checkClock,
  checkFlowLabels,
  checkPorts,
  checkReversePath,
  checkSockets,
  checkTargets,
} from "./doctor/check-host.ts";
import { checkRoutes } from "./doctor/check-routes.ts";
import { type Finding, findingLines } from "./doctor/finding.ts";
import type { HostFacts } from "./doctor/host-facts.ts";
import { readFacts } from "./doctor/read-facts.ts";

/** Everything that the facts say, in the order in which it is printed. */
export function diagnose(facts: HostFacts): Finding[] {
  return [
    ...checkSockets(facts),
    ...checkTargets(facts),
    ...checkPorts(facts),
    ...checkRoutes(facts),
    ...checkReversePath(facts),
    ...checkFirewall(facts),
    ...checkFlowLabels(facts),
    ...checkClock(facts),
  ];
}

/**
 * Looks, without sending a probe, at what would spoil probes on this host.
 * @returns the lines to print, and whether one of them is an error
 * @throws {ConfigError} for a bad configuration
 */
export async function doctor(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly text: string; readonly faulty: boolean }> {
  const loaded = await loadAll({ file, env });
  const findings = diagnose(await readFacts(loaded, systemClock));
  return {
    text: `${findingLines(findings).join("\n")}\n`,
    faulty: findings.some(({ level }) => level === "error"),
  };
}
