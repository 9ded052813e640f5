import type { Random } from "../support/random.ts";
import type { JudgedCase, Pair, TrueFault } from "./blind-case.ts";
import type { PlainBreaking, PlainFault, PlainFlow } from "./plain-faults.ts";
import { END, PLAIN_NETWORKS, type PlainLink, type PlainNetwork } from "./plain-networks.ts";
import type { SeenFlow } from "./probing.ts";

/** How a router answers: by the link a probe came in, by one of its links at random for each flow, by one address, never. */
type Manner = "incoming" | "any" | "one" | "silent";

const TARGET = "203.0.113.77";
/** Networks drawn before a kind is given up. */
const MOST_DRAWN = 500;
const MANNERS: readonly (readonly Manner[])[] = [
  ["incoming"],
  ["incoming", "incoming", "incoming", "silent"],
  ["one"],
  ["one", "one", "one", "silent"],
  ["any"],
  ["incoming", "one", "any", "silent"],
];

/** How everything is probed. */
interface Habits {
  readonly noise: number;
  readonly attempts: number;
  readonly lazy: number;
  readonly neverSeen: number;
  readonly fewest: number;
  readonly most: number;
}

/**
 * Draws a case of the fourth generator, which only judges: nothing of the solver is chosen by it. Flows have unlike numbers of
 * probes, as after a rotation, and there are 8 to 200 of them.
 * @throws Error where no network drawn has what the kind breaks
 */
export function drawPlainCase(kind: string, breaking: PlainBreaking, random: Random): JudgedCase {
  for (let drawn = 0; drawn < MOST_DRAWN; drawn++) {
    const name = random.pick(Object.keys(PLAIN_NETWORKS) as (keyof typeof PLAIN_NETWORKS)[]);
    const network = PLAIN_NETWORKS[name](random);
    const flows = drawFlows(network, random.pick([8, 16, 32, 64, 64, 100, 200]), random);
    const faults = breaking(network, flows, random);
    if (faults !== null) return observe(kind, name, network, flows, faults, random);
  }
  throw new Error(`no network has what "${kind}" breaks`);
}

function drawFlows(network: PlainNetwork, count: number, random: Random): PlainFlow[] {
  return Array.from({ length: count }, () => {
    const links: PlainLink[] = [];
    for (let at = 0; at !== END; ) {
      const link = random.pick(network.routers[at]?.next ?? []);
      links.push(link);
      at = link.to;
    }
    return { links, member: random.between(0, 59), back: random.between(0, 59) };
  });
}

function observe(
  kind: string,
  name: string,
  network: PlainNetwork,
  flows: readonly PlainFlow[],
  faults: readonly PlainFault[],
  random: Random,
): JudgedCase {
  const answers = drawAnswers(network, random);
  const short = random.chance(0.3);
  const habits: Habits = {
    noise: random.pick([0, 0, 0.0003, 0.001, 0.004]),
    attempts: random.pick([1, 2, 3, 3]),
    lazy: random.pick([0, 0.05, 0.1]),
    neverSeen: random.pick([0, 0.1, 0.25]),
    fewest: short ? 4 : 12,
    most: short ? 15 : 60,
  };
  const ways = flows.map((flow, index) => [
    "10.9.0.1",
    ...flow.links.map((link) => (link.to === END ? TARGET : answers.of(link, index))),
  ]);
  const seen = flows.map((flow, index) =>
    probe(flow, index, ways[index] ?? [], faults, habits, answers.willing, random),
  );
  const pairs = new Map<string, [string, string]>();
  for (const way of ways) {
    const hops = way.filter((hop) => hop !== null);
    hops.slice(1).forEach((hop, at) => {
      if (random.chance(0.8)) pairs.set(`${hops[at]} ${hop}`, [hops[at] ?? "", hop]);
    });
  }
  return {
    kind,
    case: { target: TARGET, flows: seen, known_links: [...pairs.values()] },
    truth: {
      verdicts: verdicts(faults, flows, seen),
      faults: faults.map((fault) => truth(fault, flows, ways, answers.all)),
      ways,
      world: { fabric: name, world: answers.manner, probes: `${habits.fewest} to ${habits.most}` },
    },
  };
}

function drawAnswers(network: PlainNetwork, random: Random) {
  const chosen = random.pick(MANNERS);
  const manners = network.routers.map(() => random.pick(chosen));
  const into = (router: number): PlainLink[] => network.links.filter(({ to }) => to === router);
  const addressOf = (link: PlainLink): string =>
    `10.${link.to + 1}.${link.id >> 7}.${link.id & 127}`;
  const salt = random.between(1, 1 << 20);
  const limited = random.chance(0.3);
  const willing = network.routers.map(() => (limited && random.chance(0.4) ? 0.5 : 1));
  return {
    manner: [...new Set(chosen)].join(", "),
    willing: (router: number): number => willing[router] ?? 1,
    all: (router: number): string[] => into(router).map(addressOf),
    of: (link: PlainLink, flow: number): string | null => {
      const own = into(link.to);
      const [first = link] = own;
      const any = own[(Math.imul(flow + salt, 0x85ebca6b) >>> 9) % own.length] ?? link;
      return {
        incoming: addressOf(link),
        any: addressOf(any),
        one: addressOf(first),
        silent: null,
      }[manners[link.to] ?? "incoming"];
    },
  };
}

function probe(
  flow: PlainFlow,
  bucket: number,
  way: readonly (string | null)[],
  faults: readonly PlainFault[],
  { noise, attempts, lazy, neverSeen, fewest, most }: Habits,
  willing: (router: number) => number,
  random: Random,
): SeenFlow {
  const met = faults.flatMap((fault) => {
    const at = fault.at(flow);
    return at === null ? [] : [{ at, loss: fault.loss }];
  });
  const probes = random.between(fewest, most);
  let failures = 0;
  for (let i = 0; i < probes; i++) {
    if (random.chance(noise) || met.some(({ loss }) => random.chance(loss))) failures++;
  }
  const base = { bucket, source_port: 61_000 + bucket, probes, failures };
  const answered = (hop: string | null, step: number): string | null => {
    const router = step === 0 ? 0 : (flow.links[step - 1]?.to ?? END);
    return hop === null || (router !== END && !tries(attempts, willing(router), random))
      ? null
      : hop;
  };
  const learnt = [...way.slice(0, -1).map(answered), TARGET];
  const path = met.length > 0 && random.chance(neverSeen) ? null : learnt;
  if (failures === 0) return { ...base, path, last_hop: TARGET };
  if (random.chance(lazy)) return { ...base, path, last_hop: "unknown" };
  const sweep = way.map((hop, step) => {
    const router = step === 0 ? 0 : (flow.links[step - 1]?.to ?? END);
    const passes = met.reduce(
      (chance, { at, loss }) =>
        at < step || (router === END && at >= flow.links.length) ? chance * (1 - loss) : chance,
      1 - noise,
    );
    const returns = faults.reduce(
      (chance, fault) =>
        router !== END && fault.hides(router) ? chance * (1 - fault.loss) : chance,
      router === END ? 1 : willing(router),
    );
    return hop !== null && tries(attempts, passes * returns, random) ? hop : null;
  });
  const kept = trimmed(random.chance(lazy) ? sweep.slice(0, -random.between(1, 2)) : sweep);
  return { ...base, path, last_hop: kept.at(-1) ?? "none", seen: kept };
}

function tries(attempts: number, chance: number, random: Random): boolean {
  for (let i = 0; i < attempts; i++) if (random.chance(chance)) return true;
  return false;
}

function trimmed(hops: readonly (string | null)[]): (string | null)[] {
  return hops.slice(0, hops.findLastIndex((hop) => hop !== null) + 1);
}

function truth(
  fault: PlainFault,
  flows: readonly PlainFlow[],
  ways: readonly (readonly (string | null)[])[],
  addresses: (router: number) => string[],
): TrueFault {
  const hit = flows.flatMap((flow, index) => (fault.at(flow) === null ? [] : [index]));
  const pairs = new Map<string, Pair>();
  const names = new Set<string>();
  for (const index of hit) {
    const [flow, way] = [flows[index], ways[index]];
    if (flow === undefined || way === undefined) continue;
    const at = fault.at(flow) ?? 0;
    if (at >= flow.links.length && fault.what !== "router") continue;
    // Of a router both the link that reaches it and the one that leaves it.
    const steps =
      fault.what === "router"
        ? [at, at + 1, at - 1].filter((step) => isAt(fault, flow, step))
        : [at];
    for (const step of steps) {
      const before = way.slice(0, step + 1).findLast((hop) => hop !== null) ?? null;
      const pair: Pair = [before, way.slice(step + 1).find((hop) => hop !== null) ?? null];
      pairs.set(pair.join(" "), pair);
      if (way[step + 1] === null) pairs.set(`${before} silent`, [before, null]);
      const far = way[step + 1];
      if (fault.what !== "router" && far != null) names.add(far);
    }
    if (fault.what === "router") {
      const own = flow.links.find(
        ({ to }) => fault.at({ ...flow, links: [{ id: -1, from: 0, to }] }) !== null,
      );
      for (const name of own === undefined ? [] : addresses(own.to)) names.add(name);
    }
  }
  return {
    what: fault.what,
    loss: fault.loss,
    links: [...pairs.values()],
    flows: hit,
    names: [...names],
  };
}

/** Whether a link of a flow touches the broken router. */
function isAt(fault: PlainFault, { links, ...rest }: PlainFlow, step: number): boolean {
  const link = links[step];
  if (link === undefined) return false;
  const reaches = (to: number): boolean => fault.at({ links: [{ ...link, to }], ...rest }) !== null;
  return reaches(link.to) || reaches(link.from);
}

/** What may be said: what chance might do as well may be called healthy. */
function verdicts(
  faults: readonly PlainFault[],
  flows: readonly PlainFlow[],
  seen: readonly SeenFlow[],
): string[] {
  if (faults.length === 0) return ["healthy", "indeterminate"];
  const hit = seen.filter((_, index) =>
    faults.some((fault) => fault.at(flows[index] as PlainFlow) !== null),
  );
  const lost = hit.reduce((sum, { failures }) => sum + failures, 0);
  const gone = hit.filter(({ failures, probes }) => failures === probes);
  if (gone.length === seen.length) return ["target_down"];
  if (faults.some(({ loss }) => loss === 1)) return ["path_fault"];
  return [
    "path_loss",
    ...(lost < 6 ? ["healthy", "indeterminate"] : []),
    ...(gone.length > 0 ? ["path_fault"] : []),
  ];
}
