import type { Random } from "../support/random.ts";
import { type Answering, answering, SHARED_ADDRESS, WORLDS, type World } from "./answering.ts";
import type { Break } from "./breaks.ts";
import { buildFabric, FABRIC_NAMES, type FabricName } from "./fabrics.ts";
import type { Graph } from "./graph.ts";
import type { Kind } from "./kinds.ts";
import { drawEffort, healthySweep, probeFlow, type SeenFlow } from "./probing.ts";
import { pairsOf, truthOf, verdictsOf } from "./truth.ts";
import { drawWays, type Way } from "./ways.ts";

/** Two consecutive answering hops; null before the first. */
export type Pair = readonly [from: string | null, to: string | null];

/** What is broken, as a case's truth tells it. */
export interface TrueFault {
  readonly what: string;
  readonly loss: number;
  readonly links: readonly Pair[];
  readonly flows: readonly number[];
  /** Names that are right by the contract: addresses of the far end of the link, or of the router. */
  readonly names?: readonly string[];
}

/** A case with its truth, as one line of a file of cases. */
export interface JudgedCase {
  readonly kind: string;
  readonly case: {
    readonly target: string;
    readonly flows: readonly SeenFlow[];
    readonly known_links: readonly (readonly [string, string])[];
    /** What an inventory says of some addresses, where there is one. */
    readonly routers?: Readonly<Record<string, string>>;
  };
  readonly truth: {
    readonly verdicts: readonly string[];
    readonly faults: readonly TrueFault[];
    /** Every flow's hops as they answer when they answer at all. */
    readonly ways?: readonly (readonly (string | null)[])[];
    readonly world?: Readonly<Record<string, string>>;
  };
}

const TARGETS = ["192.0.2.", "198.51.100.", "203.0.113."];
/** Networks drawn before a kind is given up. */
const MOST_DRAWN = 200;

/** Draws a case of a kind. @throws Error where no network drawn has what the kind breaks */
export function drawCase(name: string, kind: Kind, random: Random): JudgedCase {
  for (let drawn = 0; drawn < MOST_DRAWN; drawn++) {
    const fabric = kind.fabric ?? random.pick(FABRIC_NAMES);
    const graph = buildFabric(fabric, random);
    const world = random.pick(WORLDS);
    const answers = answering(graph, world, random);
    const target = `${random.pick(TARGETS)}${random.between(1, 254)}`;
    const count = random.pick([32, 64, 64, 128, 256]);
    const { ways, hashing } = drawWays(graph, answers, target, count, random);
    const breaks = kind.breaking(graph, ways, random);
    if (breaks === undefined) continue;
    const hash = hashing.polarised ? `${hashing.name}, polarised` : hashing.name;
    return observe(
      name,
      kind,
      { graph, answers, target, ways, breaks },
      { fabric, world, hash },
      random,
    );
  }
  throw new Error(`no network has what "${name}" breaks`);
}

/** A network, its flows and what is broken in it. */
interface Scene {
  readonly graph: Graph;
  readonly answers: Answering;
  readonly target: string;
  readonly ways: readonly Way[];
  readonly breaks: readonly Break[];
}

function observe(
  kind: string,
  { effort: fixed }: Kind,
  scene: Scene,
  world: { fabric: FabricName; world: World; hash: string },
  random: Random,
): JudgedCase {
  const { target, ways, breaks, answers, graph } = scene;
  const effort = { ...drawEffort(random), ...fixed };
  const flows = ways.map((way, bucket) => probeFlow(bucket, way, breaks, answers, effort, random));
  const earlier = drawWays(graph, answers, target, random.pick([1, 32, 128]), random).ways;
  const swept = [
    ...flows.flatMap(({ path }) => (path === null ? [] : [path])),
    ...[...ways, ...earlier]
      .filter(() => random.chance(0.5))
      .map((way) => healthySweep(way, answers, random)),
  ];
  const links = new Map(swept.flatMap(pairsOf).map((pair) => [pair.join(" "), pair]));
  const known = [...links.keys()].sort().map((key) => links.get(key) as [string, string]);
  return {
    kind,
    case: { target, flows, known_links: known },
    truth: {
      verdicts: verdictsOf(breaks, flows, ways),
      faults: breaks.map((each) => truthOf(each, { ...scene, shared: [SHARED_ADDRESS] }, flows)),
      ways: ways.map(({ steps }) => steps.map(({ answer }) => answer)),
      world: { ...world, probes: String(effort.probes) },
    },
  };
}
