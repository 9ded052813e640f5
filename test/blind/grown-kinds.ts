import type { Random } from "../support/random.ts";
import { type Break, behindBreak, drawBreak, type What } from "./breaks.ts";
import type { Graph } from "./graph.ts";
import type { GrownHabits } from "./grown-probing.ts";
import type { Way } from "./ways.ts";

/** A kind of case of the fifth generator. */
export interface GrownKind {
  /** What it breaks; undefined where a network has nothing fit to break. */
  readonly breaking: (graph: Graph, ways: readonly Way[], random: Random) => Break[] | undefined;
  /** What it fixes of how it is probed. */
  readonly habits?: Partial<GrownHabits>;
}

type Loss = (random: Random) => number;
type Drawn = Extract<What, "link" | "router" | "lag">;

const dead: Loss = () => 1;
const between =
  (least: number, most: number): Loss =>
  (random) =>
    least + (most - least) * random.next();
const heavy = between(0.25, 0.7);

const one =
  (what: Drawn, loss: Loss): GrownKind["breaking"] =>
  (graph, ways, random) => {
    const drawn = drawBreak(what, loss(random), graph, ways, random);
    return drawn === undefined ? undefined : [drawn];
  };

const behind =
  (what: "return" | "endpoint", loss: Loss): GrownKind["breaking"] =>
  (_, ways, random) => {
    const of = random.between(2, 6);
    const hides = what === "return" && random.chance(0.4);
    const drawn = behindBreak(what, loss(random), { of, one: random.between(0, of - 1), hides });
    const hit = ways.filter((way) => drawn.hits(way)).length;
    return hit === 0 || hit > ways.length * 0.7 ? undefined : [drawn];
  };

const several =
  (count: number): GrownKind["breaking"] =>
  (graph, ways, random) => {
    const breaks = Array.from({ length: count }, () => {
      const what = random.pick<Drawn>(["link", "link", "router", "lag"]);
      return drawBreak(what, random.chance(0.6) ? 1 : heavy(random), graph, ways, random);
    }).filter((each) => each !== undefined);
    const hits = ways.map((way) => breaks.filter((each) => each.hits(way)));
    const hasOwn = (each: Break): boolean =>
      hits.filter((hit) => hit.length === 1 && hit[0] === each).length >= 2;
    const whole = hits.filter((hit) => hit.length === 0).length;
    return breaks.length === count && breaks.every(hasOwn) && whole >= ways.length / 4
      ? breaks
      : undefined;
  };

/** The kinds of the fifth generator. */
export const GROWN_KINDS: Readonly<Record<string, GrownKind>> = {
  nothing: { breaking: () => [] },
  link_dead: { breaking: one("link", dead) },
  link_dead_lately: { breaking: one("link", dead), habits: { whole: 0.5, most: 30, rotated: 0.2 } },
  link_heavy: { breaking: one("link", heavy) },
  link_light: { breaking: one("link", between(0.03, 0.12)) },
  router_dead: { breaking: one("router", dead) },
  router_heavy: { breaking: one("router", heavy) },
  router_light: { breaking: one("router", between(0.03, 0.12)) },
  member_dead: { breaking: one("lag", dead) },
  member_heavy: { breaking: one("lag", heavy) },
  return_dead: { breaking: behind("return", dead) },
  return_loss: { breaking: behind("return", between(0.1, 0.6)) },
  endpoint_dead: { breaking: behind("endpoint", dead) },
  down: { breaking: () => [behindBreak("target", 1, { of: 1, one: 0 })] },
  two: { breaking: several(2) },
  three: { breaking: several(3) },
};
