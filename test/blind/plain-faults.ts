import type { Random } from "../support/random.ts";
import { END, type PlainLink, type PlainNetwork } from "./plain-networks.ts";

/** A flow of the fourth generator: the links that it takes and two numbers that nothing but chance decides. */
export interface PlainFlow {
  readonly links: readonly PlainLink[];
  /** By which a bundle chooses its member. */
  readonly member: number;
  /** By which answers choose their way back, and the target its server. */
  readonly back: number;
}

/** What is broken. */
export interface PlainFault {
  readonly what: "link" | "router" | "lag" | "return" | "endpoint" | "target";
  /** Share of packets that it takes. */
  readonly loss: number;
  /** Index of the first link of the flow on which packets die; its number of links for what lies behind; null if it is spared. */
  at(flow: PlainFlow): number | null;
  /** Whether the answers of this router get lost as well, being on the broken way back. */
  hides(router: number): boolean;
}

/** Breaks a link for all flows, or for every `of`-th. */
export function brokenLink(link: PlainLink, loss: number, of = 1): PlainFault {
  return {
    what: of === 1 ? "link" : "lag",
    loss,
    at: ({ links, member }) => {
      const at = links.findIndex(({ id }) => id === link.id);
      return at < 0 || member % of !== 0 ? null : at;
    },
    hides: () => false,
  };
}

/** Breaks a router; one that `answers` says where a TTL expired before it drops the rest. */
export function brokenRouter(id: number, loss: number, answers: boolean): PlainFault {
  return {
    what: "router",
    loss,
    at: ({ links }) => {
      const at = links.findIndex(({ to }) => to === id);
      return at < 0 ? null : at + (answers ? 1 : 0);
    },
    hides: () => false,
  };
}

/** Breaks one of `of` ways back or servers; with `shared`, routers whose answers come back that way go silent as well. */
export function brokenBehind(
  what: "return" | "endpoint" | "target",
  loss: number,
  of: number,
  shared: boolean,
): PlainFault {
  return {
    what,
    loss,
    at: ({ links, back }) => (back % of === 0 ? links.length : null),
    hides: (router) => shared && Math.imul(router + 1, 0x9e3779b1) >>> 27 < 32 / of,
  };
}

/** What a kind of case breaks; null where this network has nothing of the sort that some flows cross and others do not. */
export type PlainBreaking = (
  network: PlainNetwork,
  flows: readonly PlainFlow[],
  random: Random,
) => readonly PlainFault[] | null;

const dead = (): number => 1;
const heavy = (random: Random): number => 0.25 + 0.5 * random.next();
const light = (random: Random): number => 0.04 + 0.16 * random.next();

const one =
  (what: "link" | "router" | "lag", loss: (random: Random) => number): PlainBreaking =>
  (network, flows, random) => {
    const drawn = draw(what, loss(random), network, random);
    return isPartial(drawn, flows) ? [drawn] : null;
  };

const behind =
  (what: "return" | "endpoint", loss: (random: Random) => number, shared: boolean): PlainBreaking =>
  (_, flows, random) => {
    const fault = brokenBehind(what, loss(random), random.between(2, 6), shared);
    return isPartial(fault, flows) ? [fault] : null;
  };

const several =
  (count: number): PlainBreaking =>
  (network, flows, random) => {
    const faults = Array.from({ length: count }, () =>
      draw(
        random.pick(["link", "router"]),
        random.chance(0.6) ? 1 : heavy(random),
        network,
        random,
      ),
    );
    const alone = (fault: PlainFault): boolean =>
      flows.filter((flow) => faults.every((each) => (each.at(flow) !== null) === (each === fault)))
        .length >= 2;
    const spared = flows.filter((flow) => faults.every((fault) => fault.at(flow) === null)).length;
    return faults.every(alone) && spared >= flows.length / 4 ? faults : null;
  };

/** The kinds of the fourth generator. */
export const PLAIN_KINDS: Readonly<Record<string, PlainBreaking>> = {
  nothing: () => [],
  link_dead: one("link", dead),
  link_heavy: one("link", heavy),
  link_light: one("link", light),
  router_dead: one("router", dead),
  router_heavy: one("router", heavy),
  router_light: one("router", light),
  part_of_link_dead: one("lag", dead),
  part_of_link_heavy: one("lag", heavy),
  return_dead_separate: behind("return", dead, false),
  return_dead_shared: behind("return", dead, true),
  return_heavy: behind("return", heavy, false),
  endpoint_dead: behind("endpoint", dead, false),
  down: () => [brokenBehind("target", 1, 1, false)],
  two: several(2),
  three: several(3),
};

function draw(
  what: "link" | "router" | "lag",
  loss: number,
  network: PlainNetwork,
  random: Random,
): PlainFault {
  // For a part of the flows on a link to the target nobody can tell the link from what lies behind it.
  const links = what === "lag" ? network.links.filter(({ to }) => to !== END) : network.links;
  const link = random.pick(links);
  if (what === "link" || (what === "router" && link.to === END)) return brokenLink(link, loss);
  if (what === "lag") return brokenLink(link, loss, random.between(2, 4));
  return brokenRouter(link.to, loss, random.chance(0.5));
}

/** Whether it hits two flows at least and leaves a third of all whole. */
function isPartial(fault: PlainFault, flows: readonly PlainFlow[]): boolean {
  const hit = flows.filter((flow) => fault.at(flow) !== null).length;
  return hit >= 2 && hit <= (flows.length * 2) / 3;
}
