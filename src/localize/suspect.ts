import type { LocalizeCase } from "./case.ts";
import type { Cause } from "./cause.ts";
import type { Counts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";
import { certainDirection } from "./one-way-direction.ts";
import type { Member, Site, SiteLink } from "./sites.ts";

/** A link between answering hops; null stands for the source (`from`) and for a silent or unknown hop (`to`). */
export interface VisibleLink {
  readonly from: string | null;
  readonly to: string | null;
}

/** On which part of the round trip a fault lies (values of the `segment` label). */
export const SEGMENTS = ["forward", "return", "return_or_endpoint"] as const;
export type Segment = (typeof SEGMENTS)[number];

/** Where a fault is held to be. */
export interface Suspect extends VisibleLink {
  /**
   * `forward`: on the way there. `return`: on the way back, as the target itself has shown. `return_or_endpoint`: behind the
   * last router, be it the host, a balancer or the way back.
   */
  readonly segment: Segment;
  /** Share of the link's packets that die, 0 to 1. */
  readonly loss_ratio: number;
  /** Chance, 0 to 1, that this is right. */
  readonly confidence: number;
  /** One sentence with the numbers. */
  readonly reason: string;
}

/** Most links that stand for one router. */
const MAX_LINKS = 2;

/** The link as answers show it: packets that die at or before a silent hop are last seen before it. */
export function visible(network: Network, { from, to }: SiteLink): VisibleLink {
  const silentFrom = !network.answers(from);
  const start = silentFrom ? (network.hops[from]?.before ?? SOURCE) : from;
  return {
    from: network.hops[start]?.address ?? null,
    to: silentFrom ? null : (network.hops[to]?.address ?? null),
  };
}

/** Links that stand for a site, those with most failures first; one for a link, else at most `limit`. */
export function linksOf(
  network: Network,
  site: Site,
  counts: readonly Counts[],
  limit: number = MAX_LINKS,
): VisibleLink[] {
  const byName = new Map<string, { link: VisibleLink; failures: number; sure: number }>();
  let all = 0;
  for (const { flow, weight, link } of site.members) {
    const failures = weight * Math.max(0, (counts[flow]?.failures ?? 0) - 0.5);
    if (link && failures > 0) {
      const shown = visible(network, link);
      const name = `${shown.from} ${shown.to}`;
      const entry = byName.get(name) ?? { link: shown, failures: 0, sure: 0 };
      byName.set(name, { ...entry, failures: entry.failures + failures });
      all += failures;
    }
  }
  const sorted = [...byName.values()].sort((a, b) => b.failures - a.failures);
  const most = sorted[0];
  if (site.kind === "beyond" && most) {
    const sure = most.failures > 0.6 * all;
    return [sure ? most.link : { from: most.link.from, to: null }];
  }
  const several = site.kind !== "link";
  return sorted
    .filter(({ failures }) => failures > 0.2 * (most?.failures ?? 0))
    .slice(0, several ? limit : 1)
    .map(({ link }) => link);
}

/** Names a cause: one suspect, or two where several links of a router show it. */
export function describeCause(
  input: LocalizeCase,
  network: Network,
  routes: readonly Route[],
  counts: readonly Counts[],
  cause: Cause,
  confidence: number,
): Suspect[] {
  const { site } = cause;
  const loss_ratio = Number((cause.share * cause.loss).toFixed(4));
  const dead = cause.loss === 1;
  const hit = site.members.filter(({ flow, weight }) => {
    const { probes, failures } = counts[flow] ?? { probes: 0, failures: 0 };
    return weight > 0.2 && failures > (dead ? probes / 2 : 0);
  });
  const rounded = Number(confidence.toFixed(3));
  const known = certainDirection(hit.map(({ flow }) => input.flows[flow]?.one_way));
  const evidence = tally(counts, hit) + shown(known);
  if (site.kind === "behind") {
    const last = sharedRouter(network, routes, hit);
    return [
      {
        from: last ?? input.target,
        to: last === null ? null : input.target,
        segment: known?.direction ?? "return_or_endpoint",
        loss_ratio,
        confidence: rounded,
        reason: `${behindReason(cause, hit.length, input.flows.length)}; ${evidence}.`,
      },
    ];
  }
  // Of a share of a site's flows only the likeliest link is known to carry one.
  const limit = cause.share < 1 ? 1 : MAX_LINKS;
  return linksOf(network, site, counts, limit).map((link) => ({
    ...link,
    segment: known?.direction ?? "forward",
    loss_ratio,
    confidence: rounded,
    reason: `${forwardReason(cause, link, hit.length)}; ${evidence}.`,
  }));
}

function sharedRouter(
  network: Network,
  routes: readonly Route[],
  hit: readonly Member[],
): string | null {
  const routers = new Set(
    hit.map(({ flow }) => routes[flow]?.lastRouter).filter((id) => id != null),
  );
  const [only] = routers;
  return routers.size === 1 && only !== undefined && only !== TARGET
    ? (network.hops[only]?.address ?? null)
    : null;
}

function behindReason({ effect }: Cause, failing: number, flows: number): string {
  const what = effect.kind === "dead" ? "fail" : "lose packets";
  return `${failing} of ${flows} flows ${what} behind the last router they reach, whichever links they cross on the way there`;
}

function forwardReason(
  { site, effect, share, loss }: Cause,
  link: VisibleLink,
  failing: number,
): string {
  const name = `${link.from ?? "source"} to ${link.to ?? "the silent or unknown hop behind it"}`;
  const crossing = site.members.filter(({ weight }) => weight > 0.5).length;
  const place =
    site.kind === "router" || site.kind === "forwarder" || site.kind === "aliases"
      ? `the router on the link ${name}`
      : `the link ${name}`;
  if (effect.kind === "loss") {
    const part =
      effect.extent === "share" ? ` on about ${Math.round(share * 100)} % of its flows` : "";
    return `${place} loses about ${Math.round(loss * 100)} % of the packets${part}, ${failing} of its ${crossing} flows show it`;
  }
  return effect.extent === "all"
    ? `every flow across ${place} fails, ${failing} of ${failing}`
    : `${failing} of ${crossing} flows across ${place} fail, as when one of several parallel members is broken`;
}

/** What the target's own counts have shown, as the end of a sentence. */
function shown(known: ReturnType<typeof certainDirection>): string {
  if (known === undefined) return "";
  const what =
    known.direction === "forward"
      ? "never reached the target"
      : "reached the target, which answered";
  return `, and by the target's own count ${known.losses} of the packets lost last ${what}`;
}

function tally(counts: readonly Counts[], hit: readonly Member[]): string {
  let failures = 0;
  let probes = 0;
  for (const { flow } of hit) {
    failures += counts[flow]?.failures ?? 0;
    probes += counts[flow]?.probes ?? 0;
  }
  const works = counts.filter(({ failures: lost, probes: sent }) => sent > 0 && lost === 0).length;
  return `they lost ${failures} of ${probes} probes, ${works} other flows lost none`;
}
