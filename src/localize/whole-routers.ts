import type { FlowEvidence, HopAddress, HopControls, LocalizeCase } from "./case.ts";

/** Hops of a flow, by TTL from 1. */
type Way = readonly HopAddress[];

/**
 * Tells each router that is known to answer with the address by which its answer leaves by one of its addresses, the lowest: which of them a
 * flow meets says nothing of the link that it takes. So is a router of which two addresses follow on one hop, and flows come to one of
 * them, and to half of all that it has, from several routers: of one that answers with the address by which a packet comes in, neither can
 * be but for links side by side: where its addresses, and the hops before them, fall into several parts, each part is the links of one router
 * before it. All others keep their addresses, each of which stands for a link.
 * @param paths ways that flows of other targets take
 */
export function withWholeRouters(
  input: LocalizeCase,
  paths: readonly Way[] = [],
): { readonly input: LocalizeCase; readonly paths: readonly Way[] } {
  const lowest = lowestAddresses(input, paths);
  if (lowest.size === 0) return { input, paths };
  const one = (hop: string): string => lowest.get(hop) ?? hop;
  const told = (way: Way): HopAddress[] => way.map((hop) => (hop === null ? null : one(hop)));
  const links = new Map(
    input.known_links.map(([from, to]): [string, readonly [string, string]] => {
      const link = [one(from), one(to)] as const;
      return [link.join(" "), link];
    }),
  );
  const whole: Record<string, string> = {};
  for (const address of lowest.values()) whole[address] = input.routers?.[address] ?? address;
  return {
    paths: paths.map(told),
    input: {
      ...input,
      flows: input.flows.map(
        (flow): FlowEvidence => ({
          ...flow,
          path: flow.path && told(flow.path),
          seen: told(flow.seen),
          last_hop: one(flow.last_hop),
          ...(flow.uplink !== undefined && { uplink: one(flow.uplink) }),
        }),
      ),
      known_links: [...links.values()],
      ...(input.controls && { controls: controlsOf(input.controls, one) }),
      ...(input.rejecting && { rejecting: input.rejecting.map(one) }),
      whole,
    },
  };
}

function controlsOf(
  controls: Readonly<Record<string, HopControls>>,
  one: (hop: string) => string,
): Record<string, HopControls> {
  const told: Record<string, HopControls> = {};
  for (const [address, { heard, silent }] of Object.entries(controls)) {
    const before = told[one(address)] ?? { heard: 0, silent: 0 };
    told[one(address)] = { heard: before.heard + heard, silent: before.silent + silent };
  }
  return told;
}

/** By address of such a router the lowest of those that were met. */
function lowestAddresses(input: LocalizeCase, paths: readonly Way[]): Map<string, string> {
  const { routers = {}, target } = input;
  const met = new Map<string, Set<string>>();
  const before = new Map<string, Set<string>>();
  const twice = new Set<string>();
  const link = (from: string, to: string): void => {
    const router = routers[to];
    if (router === undefined || to === target) return;
    met.set(router, (met.get(router) ?? new Set()).add(to));
    before.set(to, (before.get(to) ?? new Set()).add(routers[from] ?? from));
  };
  const ways = [...input.flows.flatMap(({ path, seen }) => [path ?? [], seen]), ...paths];
  for (const way of ways) {
    const crossed = new Set<string>();
    for (const [index, hop] of way.entries()) {
      if (hop === null) continue;
      const previous = index === 0 ? "source" : (way[index - 1] ?? null);
      if (previous !== null) link(previous, hop);
      const router = routers[hop];
      if (router === undefined) continue;
      // A way that meets two of its addresses crosses two routers.
      if (crossed.has(router) && way[index - 1] !== hop) twice.add(router);
      crossed.add(router);
    }
  }
  for (const [from, to] of input.known_links) link(from, to);
  const lowest = new Map<string, string>();
  for (const [router, addresses] of met) {
    if (addresses.size < 2 || twice.has(router)) continue;
    const sources = sideBySide(
      [...addresses].map((address) => before.get(address) ?? new Set<string>()),
    );
    const several = sources.filter(({ size }) => size > 1);
    const isSibling = several.some((one) =>
      sources.some((two) => one !== two && [...two].some((hop) => one.has(hop))),
    );
    if (!isSibling || several.length < sources.length / 2) continue;
    const [first] = [...addresses].sort();
    for (const address of addresses) lowest.set(address, first as string);
  }
  return lowest;
}

/**
 * What leads to each of a router's addresses. Where that falls into parts that have nothing in common, whatever is in a part is one router's
 * addresses, by which as many links lead to it.
 */
function sideBySide(sources: readonly ReadonlySet<string>[]): readonly ReadonlySet<string>[] {
  const parts: Set<string>[] = [];
  for (const own of sources) {
    const part = new Set(own);
    for (const other of parts.filter((each) => [...each].some((hop) => own.has(hop)))) {
      for (const hop of other) part.add(hop);
      parts.splice(parts.indexOf(other), 1);
    }
    parts.push(part);
  }
  if (parts.length < 2) return sources;
  return sources.map((own) => {
    const at = parts.findIndex((part) => [...own].some((hop) => part.has(hop)));
    return new Set([`part ${at}`]);
  });
}
