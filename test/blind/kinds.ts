import type { Random } from "../support/random.ts";
import {
  type Break,
  behindBreak,
  drawBreak,
  limitBreak,
  linkBreak,
  routerBreak,
  sourceBreak,
} from "./breaks.ts";
import type { FabricName } from "./fabrics.ts";
import type { Graph } from "./graph.ts";
import type { Effort } from "./probing.ts";
import type { Way } from "./ways.ts";

/** What a kind of case breaks; undefined where the network drawn has nothing fit to break. */
type Breaking = (graph: Graph, ways: readonly Way[], random: Random) => Break[] | undefined;

/** A kind of case. */
export interface Kind {
  readonly breaking: Breaking;
  /** The only fabric that has it. */
  readonly fabric?: FabricName;
  /** What it fixes of how it is probed. */
  readonly effort?: Partial<Effort>;
}

const some =
  (what: "link" | "router" | "lag", least: number, most = least): Breaking =>
  (graph, ways, random) => {
    const loss = (least + random.next() * (most - least)) / 100;
    const drawn = drawBreak(what, loss, graph, ways, random);
    return drawn === undefined ? undefined : [drawn];
  };

const several =
  (count: number): Breaking =>
  (graph, ways, random) => {
    const breaks = Array.from({ length: count }, () =>
      drawBreak(
        random.pick(["link", "router"]),
        random.chance(0.7) ? 1 : 0.2 + random.next() * 0.4,
        graph,
        ways,
        random,
      ),
    ).filter((each) => each !== undefined);
    // Each has a flow to itself, and one flow in four is left whole.
    const hits = ways.map((way) => breaks.filter((each) => each.hits(way)));
    const own = breaks.every((each) => hits.some((hit) => hit.length === 1 && hit[0] === each));
    const whole = hits.filter((hit) => hit.length === 0).length;
    return breaks.length === count && own && whole >= ways.length / 4 ? breaks : undefined;
  };

const behind =
  (what: "return" | "endpoint", least: number, most: number, hides = false): Breaking =>
  (_, ways, random) => {
    const of = random.between(2, 8);
    const loss = (least + random.next() * (most - least)) / 100;
    const drawn = behindBreak(what, loss, { of, one: random.between(0, of - 1), hides });
    const hit = ways.filter((way) => drawn.hits(way)).length;
    return hit === 0 || hit === ways.length ? undefined : [drawn];
  };

/** A link or router that every flow crosses. */
const neck =
  (loss: (random: Random) => number): Breaking =>
  (graph, ways, random) => {
    const routers = graph.nodes.filter(({ role }) => role === "router").map(({ id }) => id);
    const taken = loss(random);
    const all = [
      ...routers.map((id) => routerBreak(id, taken, random.chance(0.6))),
      ...graph.edges
        .filter(({ from }) => from !== graph.source)
        .map((edge) => linkBreak(edge, taken)),
    ].filter((each) => ways.every((way) => each.hits(way)));
    return all.length === 0 ? undefined : [random.pick(all)];
  };

/** All kinds of case, by name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  healthy: { breaking: () => [] },
  healthy_noisy: { breaking: () => [], effort: { noise: 0.01 } },
  link_dead: { breaking: some("link", 100) },
  link_dead_30s: { breaking: some("link", 100), effort: { probes: 3 } },
  link_dead_untraced: { breaking: some("link", 100), effort: { untraced: 0.8, unswept: 0.3 } },
  router_dead: { breaking: some("router", 100) },
  router_dead_30s: { breaking: some("router", 100), effort: { probes: 3 } },
  link_loss_30_60: { breaking: some("link", 30, 60) },
  link_loss_10_30: { breaking: some("link", 10, 30) },
  link_loss_3_10: { breaking: some("link", 3, 10) },
  router_loss_30_60: { breaking: some("router", 30, 60) },
  router_loss_10_30: { breaking: some("router", 10, 30) },
  router_loss_3_10: { breaking: some("router", 3, 10) },
  lag_dead: { breaking: some("lag", 100), fabric: "bundled leaf-spine" },
  lag_loss: { breaking: some("lag", 20, 60), fabric: "bundled leaf-spine" },
  return_dead: { breaking: behind("return", 100, 100) },
  return_dead_hides: { breaking: behind("return", 100, 100, true) },
  return_loss: { breaking: behind("return", 10, 60) },
  endpoint_dead: { breaking: behind("endpoint", 100, 100) },
  endpoint_loss: { breaking: behind("endpoint", 10, 60) },
  endpoint_limits: { breaking: (_, __, random) => [limitBreak(0.1 + random.next() * 0.5)] },
  target_down: { breaking: () => [behindBreak("target", 1, { of: 1, one: 0 })] },
  neck_dead: { breaking: neck(() => 1) },
  neck_loss: { breaking: neck((random) => 0.1 + random.next() * 0.5) },
  source: { breaking: () => [sourceBreak()] },
  two: { breaking: several(2) },
  three: { breaking: several(3) },
};
