import type { HostFacts, LookedAt } from "../../src/cli/doctor/host-facts.ts";
import { parseRuleset } from "../../src/cli/doctor/nft-ruleset.ts";
import { makeTarget } from "./target.ts";

const ROUTE = { dev: "eth0", gateway: "10.0.0.1" };

/** A target as the doctor looks at it, reached as connections reach it. */
export function lookedAt(settings: Parameters<typeof makeTarget>[0] = {}): LookedAt {
  return {
    target: makeTarget({ to: "192.0.2.10", ...settings }),
    routes: {
      probe: { value: ROUTE },
      connections: [61_000, 65_535].map((sourcePort) => ({ value: ROUTE, sourcePort })),
      nextHops: { value: 1 },
      obstacle: { value: undefined },
    },
  };
}

/** A host on which nothing is wrong. */
export function cleanHost(changes: Partial<HostFacts> = {}): HostFacts {
  return {
    privilege: undefined,
    ring: undefined,
    ephemeralPorts: { first: 32_768, last: 60_999 },
    portsInUse: [],
    ranges: [{ first: 61_000, last: 65_535 }],
    targets: [lookedAt()],
    unresolved: [],
    leftOut: 0,
    interfaces: [{ name: "eth0", rpFilter: 1 }],
    hashPolicies: { 4: 0, 6: 0 },
    autoFlowLabels: 1,
    ruleset: { value: [] },
    clockSource: "tsc",
    ...changes,
  };
}

/** The rules of one chain of a table `inet t`, each as nft's JSON has its statements. */
export function chain(
  hook: string,
  rules: readonly (readonly unknown[])[],
  { type = "filter", policy = "accept" } = {},
): ReturnType<typeof parseRuleset> {
  const of = { family: "inet", table: "t" };
  return parseRuleset(
    JSON.stringify({
      nftables: [
        { chain: { ...of, name: hook, type, hook, policy } },
        ...rules.map((expr, at) => ({ rule: { ...of, chain: hook, handle: at + 1, expr } })),
      ],
    }),
  );
}
