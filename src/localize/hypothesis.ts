import { DEAD_ALL, type Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hit } from "./likelihood.ts";
import { type LocationKind, linksOf, type Member } from "./member.ts";
import { TARGET } from "./network.ts";

/** A supposed fault: a location, its effect, and the numbers that fit the evidence best. */
export interface Hypothesis {
  readonly location: FaultLocation;
  readonly effect: Effect;
  /** What supposing it costs, in nats. */
  readonly cost: number;
  /** Share, above 0 to 1, of the location's flows that the fault meets. */
  readonly share: number;
  /** Share, above 0 to 1, of their packets that it takes. */
  readonly loss: number;
}

const DEAD_SHARE: Effect = { extent: "share", kind: "dead" };
const LOSS_ALL: Effect = { extent: "all", kind: "loss" };
const LOSS_SHARE: Effect = { extent: "share", kind: "loss" };

/**
 * Cost, in nats, of supposing a fault: how unlikely it is beforehand. Set by hand after looking at what failed on the three generators
 * of `npm run bench:localize` (2026-11). The thought behind them: a network has some fifty links, some twenty
 * routers and one way back, so that a given link is likelier at fault than a given share behind the last router only by what is common
 * of each kind. So a lossy member of one given bundle costs 3 nats more than a lossy way back, of which there is one beside some twenty bundles; chosen
 * on one seed of generated networks and shown on another. That a router answers and drops what one link brings is rarer than either: with 10 nats
 * instead of 12 it rivals balancers. Loss, which noise imitates, needs more evidence than death; a share of a link's flows (one member of
 * a bundle) is rarer than the whole; behind the last router (the way back, a balancer) a share is the rule, and a loss that
 * all flows feel alike is most often the endpoint's own limit.
 */
const COSTS: Readonly<Record<LocationKind, readonly (readonly [Effect, number])[]>> = {
  link: [
    [DEAD_ALL, 6],
    [DEAD_SHARE, 10],
    [LOSS_ALL, 8.5],
    [LOSS_SHARE, 12.5],
  ],
  router: [
    [DEAD_ALL, 6.5],
    [LOSS_ALL, 9],
  ],
  forwarder: [
    [DEAD_ALL, 6.5],
    [LOSS_ALL, 9],
  ],
  entry: [
    [DEAD_ALL, 12],
    [LOSS_ALL, 14.5],
  ],
  silent: [
    [DEAD_ALL, 6.5],
    [DEAD_SHARE, 9],
    [LOSS_ALL, 9.5],
    [LOSS_SHARE, 12],
  ],
  aliases: [
    [DEAD_ALL, 7.5],
    [LOSS_ALL, 10],
  ],
  bundle: [
    [DEAD_SHARE, 13],
    [LOSS_SHARE, 14],
  ],
  beyond: [
    [DEAD_SHARE, 11],
    [LOSS_SHARE, 14],
  ],
  behind: [
    [DEAD_SHARE, 7.5],
    [LOSS_SHARE, 11],
    [LOSS_ALL, 7.5],
  ],
};

/** Cost of a fault that the flows of several targets have shown: whether it hits this one as well is all but open. Set by hand (2026-11). */
const SHARED = 0.7;
/** Added to the cost of a share of the flows on a link to the destination: mostly it is what lies behind. Set by hand (2026-11). */
const LAST_LINK = 4;

/** The effects that a location may have, each with its cost in nats. */
export function effectsOf(location: FaultLocation): (readonly [Effect, number])[] {
  if (location.shared !== undefined) {
    return [[location.shared.effect, SHARED + location.picked]];
  }
  const last =
    location.kind !== "behind" && location.members.every(({ link }) => link?.to === TARGET);
  return COSTS[location.kind].map(([effect, cost]) => {
    const more = last && effect.extent === "share" ? LAST_LINK : 0;
    return [effect, cost + more + location.picked] as const;
  });
}

/** What the hypothesis does to one flow of its location, which passes it with the chance `weight`. */
export function hitOf(member: Member, weight: number, share: number, loss: number): Hit {
  const { depth, beyond } = member;
  const hit = { chance: weight * share, loss, depth, beyond };
  return share === 1 && loss === 1 && weight < 1 ? { ...hit, links: linksOf(member) } : hit;
}
