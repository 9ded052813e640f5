import type { Hit } from "./likelihood.ts";
import { TARGET } from "./network.ts";
import type { Member, Site, SiteKind } from "./sites.ts";

/** What a cause does: to `all` flows of its site or to a `share` of them; they die, or lose a part (`loss`). */
export interface Effect {
  readonly extent: "all" | "share";
  readonly kind: "dead" | "loss";
}

/** A supposed fault: a site, its effect, and the numbers that fit the evidence best. */
export interface Cause {
  readonly site: Site;
  readonly effect: Effect;
  /** What supposing it costs, in nats. */
  readonly price: number;
  /** Share, above 0 to 1, of the site's flows that the fault meets. */
  readonly share: number;
  /** Share, above 0 to 1, of their packets that it takes. */
  readonly loss: number;
}

const DEAD_ALL: Effect = { extent: "all", kind: "dead" };
const DEAD_SHARE: Effect = { extent: "share", kind: "dead" };
const LOSS_ALL: Effect = { extent: "all", kind: "loss" };
const LOSS_SHARE: Effect = { extent: "share", kind: "loss" };

/**
 * Price, in nats, of supposing a fault: how unlikely it is beforehand. Faults that take everything need less evidence
 * than loss, which noise imitates; a share of a link's flows (one member of an aggregated link) is rarer than the
 * whole; a share of silent places is not, because several routers may hide in one; behind the last router (the way
 * back, a balancer) a share is the rule.
 */
const PRICES: Readonly<Record<SiteKind, readonly (readonly [Effect, number])[]>> = {
  link: [
    [DEAD_ALL, 6],
    [DEAD_SHARE, 9],
    [LOSS_ALL, 9],
    [LOSS_SHARE, 14],
  ],
  router: [
    [DEAD_ALL, 6.5],
    [DEAD_SHARE, 9.5],
    [LOSS_ALL, 9.5],
  ],
  forwarder: [
    [DEAD_ALL, 6.5],
    [LOSS_ALL, 9.5],
  ],
  silent: [
    [DEAD_ALL, 6.5],
    [DEAD_SHARE, 8],
    [LOSS_ALL, 9.5],
    [LOSS_SHARE, 12],
  ],
  aliases: [
    [DEAD_ALL, 8],
    [LOSS_ALL, 13],
  ],
  beyond: [[DEAD_SHARE, 10]],
  behind: [
    [DEAD_SHARE, 7.5],
    [LOSS_SHARE, 16],
  ],
};

/** Added to the price of a share of the flows on a link to the destination: mostly it is what lies behind. */
const LAST_LINK = 4;

/** The effects that a site may have, each with its price in nats. */
export function effectsOf(site: Site): (readonly [Effect, number])[] {
  const last = site.kind !== "behind" && site.members.every(({ link }) => link?.to === TARGET);
  return PRICES[site.kind].map(([effect, price]) => {
    const more = last && effect.extent === "share" ? LAST_LINK : 0;
    return [effect, price + more + site.picked] as const;
  });
}

/** What the cause does to one flow of its site. */
export function hitOf(member: Member, share: number, loss: number): Hit {
  return { chance: member.weight * share, loss, depth: member.depth, short: member.short };
}
