import type { Random } from "../support/random.ts";
import type { Edge, Graph } from "./graph.ts";
import type { Way } from "./ways.ts";

/** What is broken, in the words of the cases. `limit`: the target answers only so many probes a second. */
export type What =
  | "link"
  | "router"
  | "lag"
  | "return"
  | "endpoint"
  | "target"
  | "source"
  | "limit";

/** Something that is broken. */
export interface Break {
  readonly what: What;
  /** The share of packets that it takes, 0 to 1. */
  readonly loss: number;
  /** Whether it takes packets of this flow. */
  hits(way: Way): boolean;
  /** The step that packets on the way there do not end; undefined where the fault is behind the last router. */
  stepOf(way: Way): number | undefined;
  /** The steps of a flow's way that it is: of a router the one that reaches it and the one that leaves it. */
  placesOf(way: Way): number[];
  /** Whether answers of this router about an expired TTL get lost as well: they come back over the broken way. */
  hides(router: number): boolean;
}

/** A link that takes a share of what crosses it; with a member, only what is hashed to that member of its bundle. */
export function linkBreak(edge: Edge, loss: number, member?: number): Break {
  const stepOf = ({ steps }: Way): number | undefined => {
    const step = steps.findIndex(({ edge: { id } }) => id === edge.id);
    return step < 0 || (member !== undefined && steps[step]?.member !== member) ? undefined : step;
  };
  return {
    what: member === undefined ? "link" : "lag",
    loss,
    stepOf,
    hits: (way) => stepOf(way) !== undefined,
    placesOf: (way) => [stepOf(way)].filter((step) => step !== undefined),
    hides: () => false,
  };
}

/** A router that takes a share of what crosses it; one that `answers` still says where a TTL expired. */
export function routerBreak(router: number, loss: number, answers: boolean): Break {
  const reached = ({ steps }: Way): number => steps.findIndex(({ edge: { to } }) => to === router);
  return {
    what: "router",
    loss,
    hits: (way) => reached(way) >= 0,
    stepOf: (way) => {
      const step = reached(way);
      return step < 0 ? undefined : step + (answers ? 1 : 0);
    },
    placesOf: (way) => {
      const step = reached(way);
      return step < 0 ? [] : [step, step + 1];
    },
    hides: () => false,
  };
}

/** Behind the last router: a share of the flows, by another hash than the routers', loses its answers. */
export function behindBreak(
  what: "return" | "endpoint" | "target",
  loss: number,
  choice: { readonly of: number; readonly one: number; readonly hides?: boolean },
): Break {
  const chosen = (key: number): boolean => (key >>> 5) % choice.of === choice.one;
  return {
    what,
    loss,
    hits: ({ key }) => chosen(key),
    stepOf: () => undefined,
    placesOf: () => [],
    hides: (router) => choice.hides === true && chosen(Math.imul(router, 0x9e3779b1) >>> 0),
  };
}

/** Nothing leaves the source. */
export function sourceBreak(): Break {
  return {
    what: "source",
    loss: 1,
    hits: () => true,
    stepOf: () => 0,
    placesOf: () => [],
    hides: () => false,
  };
}

/** The target answers a share of the probes, whichever flow they are of. */
export function limitBreak(loss: number): Break {
  return {
    what: "limit",
    loss,
    hits: () => true,
    stepOf: () => undefined,
    placesOf: () => [],
    hides: () => false,
  };
}

/** Draws a link, a member or a router that some flows cross and others do not; undefined where there is none. */
export function drawBreak(
  what: "link" | "router" | "lag",
  loss: number,
  graph: Graph,
  ways: readonly Way[],
  random: Random,
): Break | undefined {
  const answers = random.chance(0.6);
  const all: Break[] =
    what === "router"
      ? graph.nodes
          .filter(({ role }) => role === "router")
          .map(({ id }) => routerBreak(id, loss, answers))
      : graph.edges.flatMap((edge) =>
          what === "link"
            ? [linkBreak(edge, loss)]
            : [linkBreak(edge, loss, random.between(0, edge.members - 1))].filter(
                () => edge.members > 1,
              ),
        );
  const some = all.filter((each) => {
    const hit = ways.filter((way) => each.hits(way)).length;
    return hit >= 1 && hit <= ways.length * 0.6;
  });
  return some.length === 0 ? undefined : random.pick(some);
}
