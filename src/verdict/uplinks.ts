/** What is known of the beginning of a flow's way. */
export interface FlowBeginning {
  /** Address of the router that this host's routes give its packets to; undefined where they give those of all flows to one. */
  readonly uplink: string | undefined;
  /** The first hop that answered it; null or undefined for none. */
  readonly firstHop: string | null | undefined;
}

/**
 * How the first hops of a target's flows are called, by the router that this host gives their packets to. A router that answered a flow is
 * called as it answered, which need not be the address that routes name (VRRP, loopback addresses).
 * @returns nothing for a router that answers under several addresses; empty where there is one uplink
 */
export function uplinkNames(flows: readonly FlowBeginning[]): Map<string, string> {
  const answers = new Map<string, Set<string>>();
  for (const { uplink, firstHop } of flows) {
    if (uplink === undefined) continue;
    const known = answers.get(uplink) ?? new Set();
    answers.set(uplink, known);
    if (firstHop) known.add(firstHop);
  }
  const names = new Map<string, string>();
  if (answers.size < 2) return names;
  for (const [uplink, hops] of answers) {
    const [hop = uplink] = hops;
    if (hops.size < 2) names.set(uplink, hop);
  }
  return names;
}
