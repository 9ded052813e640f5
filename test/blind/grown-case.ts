import type { Random } from "../support/random.ts";
import type { JudgedCase, TrueFault } from "./blind-case.ts";
import type { Break } from "./breaks.ts";
import type { Graph } from "./graph.ts";
import { drawGrownAnswers, type GrownAnswers } from "./grown-answers.ts";
import type { GrownKind } from "./grown-kinds.ts";
import { GROWN_NAMES, type GrownName, growNetwork } from "./grown-networks.ts";
import { drawHabits, learnWay, probeGrownFlow } from "./grown-probing.ts";
import type { SeenFlow } from "./probing.ts";
import { pairsOf, truthOf, verdictsOf } from "./truth.ts";
import { drawWays, type Way } from "./ways.ts";

const TARGET = "198.18.7.7";
/** Networks drawn before a kind is given up. */
const MOST_DRAWN = 500;

/**
 * Draws a case of the fifth generator: networks that have grown, in which every router answers in a manner of its own and flows have
 * unlike numbers of probes. It was written from the contract alone and only judges.
 * @throws Error where no network drawn has what the kind breaks
 */
export function drawGrownCase(name: string, kind: GrownKind, random: Random): JudgedCase {
  for (let drawn = 0; drawn < MOST_DRAWN; drawn++) {
    const network = random.pick(GROWN_NAMES);
    const graph = growNetwork(network, random);
    const answers = drawGrownAnswers(graph, random);
    const flows = random.pick([16, 32, 64, 64, 64, 128]);
    const ways = waysOf(graph, answers, flows, random);
    const breaks = kind.breaking(graph, ways, random);
    if (breaks !== undefined) {
      return observe(name, kind, { network, graph, answers, ways, breaks }, random);
    }
  }
  throw new Error(`no network has what "${name}" breaks`);
}

interface Scene {
  readonly network: GrownName;
  readonly graph: Graph;
  readonly answers: GrownAnswers;
  readonly ways: readonly Way[];
  readonly breaks: readonly Break[];
}

function waysOf(graph: Graph, answers: GrownAnswers, count: number, random: Random): Way[] {
  return drawWays(graph, { ...answers, styles: [] }, TARGET, count, random).ways;
}

function observe(kind: string, { habits: fixed }: GrownKind, scene: Scene, random: Random) {
  const { network, graph, answers, ways, breaks } = scene;
  const habits = { ...drawHabits(random), ...fixed };
  const flows = ways.map((way, bucket) =>
    probeGrownFlow(bucket, way, breaks, answers, habits, random),
  );
  const earlier = waysOf(graph, answers, random.pick([1, 16, 64]), random);
  const learnt = [
    ...flows.flatMap(({ path }) => (path === null ? [] : [path])),
    ...earlier.map((way) => learnWay(way, answers, habits.attempts, random)),
  ];
  const pairs = new Map(learnt.flatMap(pairsOf).map((pair) => [pair.join(" "), pair]));
  const routers = random.chance(0.15) ? inventory(graph, answers) : undefined;
  return {
    kind,
    case: {
      target: TARGET,
      flows,
      known_links: [...pairs.values()],
      ...(routers === undefined ? {} : { routers }),
    },
    truth: {
      verdicts: told(breaks, verdictsOf(breaks, flows, ways), habits.whole),
      faults: breaks.map((each) => faultOf(each, scene, flows)),
      ways: ways.map(({ steps }) => steps.map(({ answer }) => answer)),
      world: { fabric: network, world: answers.mixture, probes: String(habits.most) },
    },
  } satisfies JudgedCase;
}

/** A link out of a router that shares its address may be told from that address, which the link's own far end tells apart. */
function faultOf(each: Break, { ways, answers }: Scene, flows: readonly SeenFlow[]): TrueFault {
  const fault = truthOf(each, { ways, answers, shared: answers.shared }, flows);
  const { links } = truthOf(each, { ways, answers, shared: [] }, flows);
  const more = links.filter(
    ([from, to]) =>
      answers.shared.includes(from ?? "") && to !== null && !answers.shared.includes(to),
  );
  return { ...fault, links: [...fault.links, ...more] };
}

/** What died within the window takes a part of its probes. */
function told(breaks: readonly Break[], verdicts: string[], whole: number): string[] {
  return whole > 0 && breaks.length > 0 ? [...verdicts, "path_loss"] : verdicts;
}

/** Names by address, as an inventory tells them. */
function inventory(graph: Graph, answers: GrownAnswers): Record<string, string> {
  return Object.fromEntries(
    graph.nodes.flatMap(({ id, role }) =>
      role === "router" ? answers.addressesOf(id).map((address) => [address, `n${id}`]) : [],
    ),
  );
}
