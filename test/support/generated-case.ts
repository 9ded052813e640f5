import type { FlowEvidence, LocalizeCase } from "../../src/localize/case.ts";
import type { Verdict } from "../../src/localize/verdict.ts";
import { type GeneratedNetwork, generateNetwork, visibleHops } from "./generated-network.ts";
import type { Random } from "./random.ts";

/** What is broken in a generated case. */
export const FAULT_KINDS = [
  "clean link",
  "clean router",
  "loss 5 %",
  "loss 10 % and more",
  "two faults",
  "three faults",
  "LAG member",
  "return path",
  "balancer",
  "target down",
  "source fault",
  "nothing wrong",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault and what counts as naming it. */
export interface TrueFault {
  readonly segment: "forward" | "return_or_endpoint";
  /** Accepted suspects, as `from>to`; unused behind the last router. */
  readonly links: ReadonlySet<string>;
  /** Whether `return_or_endpoint` is as right as a link. */
  readonly either: boolean;
}

/** A case with its truth. */
export interface GeneratedCase {
  readonly kind: FaultKind;
  readonly input: LocalizeCase;
  readonly verdict: Verdict;
  readonly faults: readonly TrueFault[];
}

/** A fault as it works on packets: position on a flow's way where it strikes, or null where it does not. */
interface Fault {
  /** Index of the first hop that packets no longer reach; the length of the way for a fault behind it. */
  readonly strikes: (flow: number) => number | null;
  readonly loss: number;
  readonly segment: TrueFault["segment"];
  readonly router: number | null;
  /** Whether only a part of the flows on the link meets it. */
  readonly partial?: boolean;
}

const PROBES = 30;

/**
 * Draws a network and breaks it in the given way.
 * @param oddities as of {@link generateNetwork}; and how often answers are lost while paths are learnt, flows have
 *   unequal numbers of probes, and the fault began within the window
 */
export function generateCase(kind: FaultKind, random: Random, oddities: number): GeneratedCase {
  for (;;) {
    const network = generateNetwork(random, oddities);
    const faults = drawFaults(kind, network, random);
    if (faults) {
      return observe(kind, network, faults, random, oddities);
    }
  }
}

function drawFaults(kind: FaultKind, network: GeneratedNetwork, random: Random): Fault[] | null {
  const flows = network.ways.length;
  const clean = (): Fault =>
    random.chance(0.5) ? linkFault(network, 1, random) : routerFault(network, 1, random);
  const lossy = (loss: number): Fault =>
    random.chance(0.5) ? linkFault(network, loss, random) : routerFault(network, loss, random);
  const highLoss = (): number => random.pick([0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6]);
  const any = (): Fault => (random.chance(0.65) ? clean() : lossy(highLoss()));
  switch (kind) {
    case "clean link":
      return usable(network, [linkFault(network, 1, random)], 1);
    case "clean router":
      return usable(network, [routerFault(network, 1, random)], 1);
    case "loss 5 %":
      return usable(network, [lossy(0.05)], 3);
    case "loss 10 % and more":
      return usable(network, [lossy(highLoss())], 2);
    case "two faults":
      return usable(network, [any(), any()], 2);
    case "three faults":
      return usable(network, [any(), any(), any()], 2);
    case "LAG member": {
      const whole = linkFault(network, 1, random);
      const members = random.pick([2, 2, 3, 4, 8]);
      const struck = Array.from({ length: flows }, (_, flow) =>
        random.between(1, members) === 1 ? whole.strikes(flow) : null,
      );
      const crossing = network.ways.filter((_, flow) => whole.strikes(flow) !== null).length;
      const broken = struck.filter((at) => at !== null).length;
      return broken > 1 && broken < crossing
        ? usable(network, [{ ...whole, partial: true, strikes: (flow) => struck[flow] ?? null }], 1)
        : null;
    }
    case "return path":
    case "balancer": {
      const ways = random.pick([2, 3, 4, 6, 8, 16]);
      const struck = Array.from({ length: flows }, () => random.between(1, ways) === 1);
      const fault: Fault = {
        strikes: (flow) => (struck[flow] ? (network.ways[flow]?.length ?? 0) : null),
        loss: 1,
        segment: "return_or_endpoint",
        router: null,
      };
      return usable(network, [fault], 2);
    }
    case "target down":
      return [
        {
          strikes: (flow) => network.ways[flow]?.length ?? 0,
          loss: 1,
          segment: "return_or_endpoint",
          router: null,
        },
      ];
    case "source fault":
      return [{ strikes: () => 0, loss: 1, segment: "forward", router: null }];
    case "nothing wrong":
      return [];
  }
}

/** Only what somebody could know: every fault meets flows that no earlier one kills, stands apart from the others, and some flows live. */
function usable(network: GeneratedNetwork, faults: Fault[], least: number): Fault[] | null {
  const met = faults.map((fault) => metFlows(network, fault, faults).length);
  const living = network.ways.some((_, flow) =>
    faults.every((fault) => fault.loss < 1 || fault.strikes(flow) === null),
  );
  const truths = faults.map((fault) => truthOf(network, fault, faults));
  const apart = truths.every(({ links }, i) =>
    truths.slice(i + 1).every((other) => [...other.links].every((link) => !links.has(link))),
  );
  return living && apart && met.every((count) => count >= least) ? faults : null;
}

/** Index on its way where another fault kills a flow, infinite where none does. */
function deathOf(flow: number, fault: Fault, faults: readonly Fault[]): number {
  const others = faults.filter((other) => other !== fault && other.loss === 1);
  return Math.min(...others.map((other) => other.strikes(flow) ?? Infinity), Infinity);
}

/** Whether a flow tells something of a place: those that get there of a clean fault, of loss only those that live. */
function tells(flow: number, i: number, fault: Fault, faults: readonly Fault[]): boolean {
  const death = deathOf(flow, fault, faults);
  return fault.loss === 1 ? death >= i : death === Infinity;
}

/** Flows that meet the fault and tell of it. */
function metFlows(network: GeneratedNetwork, fault: Fault, faults: readonly Fault[]): number[] {
  return network.ways.flatMap((_, flow) => {
    const at = fault.strikes(flow);
    return at !== null && tells(flow, at, fault, faults) ? [flow] : [];
  });
}

function linkFault(network: GeneratedNetwork, loss: number, random: Random): Fault {
  const way = random.pick(network.ways);
  const at = random.between(random.chance(0.9) ? 1 : 0, way.length);
  const [from, to] = [way[at - 1] ?? -1, way[at] ?? -1];
  return {
    strikes: (flow) => {
      const other = network.ways[flow] ?? [];
      const i = to === -1 ? other.length : other.indexOf(to);
      return i >= 0 && (other[i - 1] ?? -1) === from ? i : null;
    },
    loss,
    segment: "forward",
    router: null,
  };
}

function routerFault(network: GeneratedNetwork, loss: number, random: Random): Fault {
  const router = random.pick(random.pick(network.ways));
  const answersFirst = random.chance(0.5);
  return {
    strikes: (flow) => {
      const i = network.ways[flow]?.indexOf(router) ?? -1;
      return i < 0 ? null : answersFirst ? i + 1 : i;
    },
    loss,
    segment: "forward",
    router,
  };
}

function observe(
  kind: FaultKind,
  network: GeneratedNetwork,
  faults: readonly Fault[],
  random: Random,
  oddities: number,
): GeneratedCase {
  const noise = random.pick([0, 0.0002, 0.0005, 0.001]);
  const lossSweeps = random.pick(["retried", "once", "as dead"] as const);
  const targetSeen = faults.some(({ segment }) => segment !== "forward") && random.chance(0.3);
  const unequal = random.chance(0.4 * oddities);
  const gaps = random.chance(oddities) ? random.pick([0.02, 0.05]) : 0;
  const onset =
    kind !== "loss 5 %" && random.chance(0.06 * oddities) ? random.between(6, 24) : PROBES;
  const gappy = (hops: (string | null)[]): (string | null)[] =>
    hops.map((hop) => (random.chance(gaps) ? null : hop));
  const flows = network.ways.map((way, flow): FlowEvidence => {
    const hops = visibleHops(network, way);
    const met = faults.flatMap((fault) => {
      const at = fault.strikes(flow);
      return at === null ? [] : [{ at, loss: fault.loss }];
    });
    const dead = met.filter(({ loss }) => loss === 1).map(({ at }) => at);
    const deadAt = dead.length > 0 ? Math.min(...dead) : null;
    const pass = met.reduce((product, { loss }) => product * (1 - loss), 1 - noise);
    const probes = unequal ? random.between(12, PROBES) : PROBES;
    let failures = 0;
    let lastFailed = false;
    for (let i = 0; i < probes; i++) {
      const live = deadAt === null || i < probes - Math.min(probes, onset);
      lastFailed = live ? !random.chance(deadAt === null ? pass : 1 - noise) : true;
      failures += lastFailed ? 1 : 0;
    }
    const failing = deadAt !== null || (failures > 0 && (lossSweeps !== "once" || lastFailed));
    let seen: (string | null)[] = [];
    if (failing) {
      const tries = lossSweeps === "retried" ? 3 : 1;
      const reaches = hops.map((hop, i) => {
        const dies = met.some(
          ({ at, loss }) =>
            at <= i && (loss === 1 || lossSweeps === "as dead" || random.chance(loss ** tries)),
        );
        return dies ? null : hop;
      });
      seen = trimmed(gappy(reaches));
      if (deadAt === null && lossSweeps === "retried" && random.chance(pass)) {
        seen = [...gappy(hops), network.target];
      } else if (deadAt === hops.length && targetSeen) {
        seen = [...gappy(hops), network.target];
      }
      seen = shortened(seen, random);
    }
    const last = seen.findLast((hop) => hop !== null);
    return {
      bucket: flow,
      source_port: 61000 + flow,
      path: failing && random.chance(0.25) ? null : [...gappy(hops), network.target],
      seen,
      probes,
      failures,
      last_hop: failing ? (last ?? "none") : network.target,
    };
  });
  const known = [...network.ways, ...network.formerWays].map((way) => visibleHops(network, way));
  const allDead = flows.every(({ probes, failures }) => probes === failures);
  return {
    kind,
    input: { target: network.target, flows, known_links: linksIn(known) },
    verdict: verdictOf(kind, faults, allDead),
    faults:
      kind === "target down" || kind === "source fault"
        ? []
        : faults.map((fault) => truthOf(network, fault, faults)),
  };
}

function verdictOf(kind: FaultKind, faults: readonly Fault[], allDead: boolean): Verdict {
  if (kind === "source fault") {
    return "source_fault";
  }
  if (kind === "target down" || allDead) {
    return "target_down";
  }
  if (faults.length === 0) {
    return "healthy";
  }
  return faults.some(({ loss }) => loss === 1) ? "path_fault" : "path_loss";
}

function trimmed(hops: (string | null)[]): (string | null)[] {
  return hops.slice(0, hops.findLastIndex((hop) => hop !== null) + 1);
}

/** One sweep in nine misses the last hop that would have answered. */
function shortened(hops: (string | null)[], random: Random): (string | null)[] {
  return random.chance(0.11) ? trimmed(hops.slice(0, -1)) : hops;
}

function linksIn(ways: readonly (readonly (string | null)[])[]): [string, string][] {
  const links = new Map<string, [string, string]>();
  for (const way of ways) {
    way.forEach((to, i) => {
      const from = way[i - 1];
      if (to && from) {
        links.set(`${from} ${to}`, [from, to]);
      }
    });
  }
  return [...links.values()];
}

/**
 * What names a fault rightly: its own link, those of its router, and those of any link or router that exactly its
 * flows cross. For a part of the flows on a last link nobody can tell the link from what lies behind it.
 */
function truthOf(network: GeneratedNetwork, fault: Fault, faults: readonly Fault[]): TrueFault {
  const met = metFlows(network, fault, faults);
  const links = new Set<string>();
  const byLink = new Map<string, number[]>();
  const byRouter = new Map<number, { flows: number[]; names: Set<string> }>();
  let last = true;
  network.ways.forEach((way, flow) => {
    for (let i = 0; i <= way.length; i++) {
      if (!tells(flow, i, fault, faults)) {
        continue;
      }
      const name = nameOf(network, way, i);
      byLink.set(name, [...(byLink.get(name) ?? []), flow]);
      if (met.includes(flow) && fault.strikes(flow) === i) {
        links.add(name);
        last &&= i === way.length;
      }
      const router = way[i];
      if (router !== undefined) {
        const entry = byRouter.get(router) ?? { flows: [], names: new Set() };
        entry.flows.push(flow);
        entry.names.add(name).add(nameOf(network, way, i + 1));
        byRouter.set(router, entry);
      }
    }
  });
  for (const [name, flows] of byLink) {
    if (flows.join() === met.join()) {
      links.add(name);
    }
  }
  // Of several silent places behind a hop, what answers behind one of them says which.
  for (const flow of met) {
    const way = network.ways[flow] ?? [];
    for (let i = 0; i <= way.length; i++) {
      if (links.has(nameOf(network, way, i))) links.add(acrossSilence(network, way, i));
    }
  }
  for (const [router, { flows, names }] of byRouter) {
    if (router === fault.router || flows.join() === met.join()) {
      for (const name of names) {
        links.add(name);
      }
    }
  }
  // What all flows lose a part to may as well be the endpoint's own limit.
  const alike = fault.loss < 1 && met.length === network.ways.length;
  return { segment: fault.segment, links, either: alike || (fault.partial === true && last) };
}

/** The same link, told by the hops that answer on both sides of it. */
function acrossSilence(network: GeneratedNetwork, way: readonly number[], i: number): string {
  const hops: (string | null)[] = [...visibleHops(network, way), network.target];
  const before = hops.slice(0, i).findLast((hop) => hop !== null) ?? null;
  return `${before}>${hops.slice(i).find((hop) => hop !== null)}`;
}

/** What a suspect for the link into the i-th hop of a way is called. */
function nameOf(network: GeneratedNetwork, way: readonly number[], i: number): string {
  const hops: (string | null)[] = [...visibleHops(network, way), network.target];
  const before = hops.slice(0, i).findLastIndex((hop) => hop !== null);
  const to = before === i - 1 ? hops[i] : null;
  return `${before < 0 ? null : hops[before]}>${to}`;
}
