import { type BranchingPoint, pathCoverage } from "../flow/coverage.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import { pathId } from "./path-id.ts";

/** A path that flows of a target take or took lately. */
export interface KnownPath {
  readonly id: string;
  /** By TTL from 1, the destination last; null for a hop that never answers. */
  readonly hops: readonly (string | null)[];
  /** When a flow was last seen to take it. */
  seenAt: number;
}

/** What {@link Topology.learn} found. */
export type Learned = "first" | "same" | "changed";

/** A path that no flow takes is forgotten after this time, a link after this. */
const PATH_AGE_MS = 600_000;
const LINK_AGE_MS = 3_600_000;

/** Share of the active flows whose paths must be known before they alone speak for the network. */
const ENOUGH_KNOWN = 0.9;
/** A retired flow's path is kept as long as its probes count as evidence. */
const RETIRED_MS = 300_000;

/** What is known of a flow's way. */
interface FlowPath {
  readonly path: KnownPath;
  readonly at: number;
  /** When the bucket was seen to have moved on. */
  retiredAt?: number;
}

/**
 * The ways of one target's flows, as surveys found them: which flow takes which path, which paths and links there are.
 * A hop that was silent this time does not undo what is known of it as long as nothing contradicts; hops that balance
 * packets of one flow over several routers are shown as null, since no path through them is any flow's.
 */
export class Topology {
  readonly #flows: Map<ProbedFlow, FlowPath> = new Map();
  readonly #paths: Map<string, KnownPath> = new Map();
  /** By `from to`: when it was last seen. */
  readonly #links: Map<string, { from: string; to: string; at: number }> = new Map();
  #perPacketTtls: ReadonlySet<number> = new Set();

  /** TTLs at which one flow met several routers. */
  get perPacketTtls(): ReadonlySet<number> {
    return this.#perPacketTtls;
  }

  /** Packets of one flow are balanced over several routers at these TTLs: what was learnt of them is no path. */
  balanceByPacket(ttls: ReadonlySet<number>): void {
    const same = ttls.size === this.#perPacketTtls.size;
    if (same && [...ttls].every((ttl) => this.#perPacketTtls.has(ttl))) return;
    this.#perPacketTtls = ttls;
    const known = [...this.#flows];
    this.#flows.clear();
    this.#paths.clear();
    this.#links.clear();
    for (const [flow, { path, at }] of known) this.learn(flow, path.hops, at);
  }

  /**
   * A survey found a flow's whole path.
   * @param found hops by TTL from 1, the destination last
   */
  learn(flow: ProbedFlow, found: readonly (string | null)[], now: number): Learned {
    const before = this.#flows.get(flow)?.path;
    const hops = found.map((hop, index) => (this.#perPacketTtls.has(index + 1) ? null : hop));
    const compatible = before !== undefined && fits(before.hops, hops);
    const merged = compatible ? hops.map((hop, at) => hop ?? before.hops[at] ?? null) : hops;
    const id = pathId(merged);
    const path = this.#paths.get(id) ?? { id, hops: merged, seenAt: now };
    path.seenAt = now;
    this.#paths.set(id, path);
    this.#flows.set(flow, { path, at: now });
    for (const [from, to] of linksOf(merged)) this.#link(from, to, now);
    if (before === undefined) return "first";
    return compatible ? "same" : "changed";
  }

  /** The path a flow was last seen to take, and when; undefined for one that no survey has found yet. */
  of(flow: ProbedFlow): { readonly path: KnownPath; readonly at: number } | undefined {
    return this.#flows.get(flow);
  }

  /** The one known path that begins with these hops (null fits any); undefined where none or several do. */
  startingWith(hops: readonly (string | null)[]): KnownPath | undefined {
    if (!hops.some((hop) => hop !== null)) return undefined;
    const fitting = [...this.#paths.values()].filter(
      (path) =>
        path.hops.length > hops.length &&
        hops.every((hop, at) => hop === null || path.hops[at] === null || hop === path.hops[at]),
    );
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /** Forgets what has grown old. */
  prune(now: number): void {
    for (const [flow, known] of this.#flows) {
      if (flow.active) continue;
      known.retiredAt ??= now;
      if (now - known.retiredAt > RETIRED_MS) this.#flows.delete(flow);
    }
    const taken = this.taken();
    for (const path of this.#paths.values()) {
      if (!taken.has(path) && now - path.seenAt > PATH_AGE_MS) this.#paths.delete(path.id);
    }
    for (const [key, link] of this.#links) {
      if (now - link.at > LINK_AGE_MS) this.#links.delete(key);
    }
  }

  /** Paths taken now or lately. */
  paths(): KnownPath[] {
    return [...this.#paths.values()];
  }

  /** The path of this id; undefined once it is forgotten. */
  path(id: string): KnownPath | undefined {
    return this.#paths.get(id);
  }

  /** Distinct paths that the flows take, with how many each. */
  taken(): Map<KnownPath, number> {
    const taken = new Map<KnownPath, number>();
    for (const { path } of this.#current()) taken.set(path, (taken.get(path) ?? 0) + 1);
    return taken;
  }

  /** Links seen in the last hour, whether or not an active flow crosses them. */
  links(): [string, string][] {
    return [...this.#links.values()].map(({ from, to }) => [from, to]);
  }

  /** Whether a link was seen in the last hour. */
  hasLink(from: string, to: string): boolean {
    return this.#links.has(`${from} ${to}`);
  }

  /** Chance that no path is left unseen, 0 to 1; 0 while nothing is known. */
  coverage(): number {
    return pathCoverage(this.#nodes());
  }

  /** The most next hops seen behind one router; 1 where nothing branches. */
  width(): number {
    return this.#nodes().reduce((most, { nextHops }) => Math.max(most, nextHops), 1);
  }

  /**
   * The flows that speak for the network: the active ones, and while a rotation's new flows are still being surveyed
   * those before them too, so that a rotation does not look like a network that has shrunk.
   */
  #current(): FlowPath[] {
    const known = [...this.#flows];
    const active = known.filter(([flow]) => flow.active);
    const [anyone] = active;
    const expected = anyone?.[0].target.flows.length ?? 0;
    const enough = active.length > 0 && active.length >= expected * ENOUGH_KNOWN;
    return (enough ? active : known).map(([, path]) => path);
  }

  /**
   * The points that may hide unseen next hops: those that branch, and the last that all flows share. A router is named
   * by its place too, because a silent one has no address.
   */
  #nodes(): BranchingPoint[] {
    const nodes = new Map<string, { next: Set<string>; flows: number; depth: number }>();
    const current = this.#current();
    const all = current.length;
    for (const { path } of current) {
      let place = "source";
      path.hops.forEach((hop, index) => {
        const next = hop ?? `* behind ${place}`;
        const node = nodes.get(place) ?? { next: new Set(), flows: 0, depth: index };
        node.next.add(next);
        node.flows += 1;
        nodes.set(place, node);
        place = next;
      });
    }
    const branching = [...nodes.values()].filter(({ next }) => next.size > 1);
    const first = Math.min(...branching.map(({ depth }) => depth));
    const shared = [...nodes.values()].filter(
      ({ flows, depth, next }) => flows === all && next.size === 1 && depth < first,
    );
    const lastShared = shared.sort((a, b) => b.depth - a.depth)[0];
    const counted = lastShared === undefined ? branching : [...branching, lastShared];
    return counted.map(({ next, flows }) => ({ nextHops: next.size, flows }));
  }

  #link(from: string, to: string, at: number): void {
    this.#links.set(`${from} ${to}`, { from, to, at });
  }
}

/** Every two neighbouring hops that both answered. */
export function linksOf(hops: readonly (string | null)[]): [string, string][] {
  const links: [string, string][] = [];
  for (let at = 1; at < hops.length; at += 1) {
    const from = hops[at - 1];
    const to = hops[at];
    if (typeof from === "string" && typeof to === "string") links.push([from, to]);
  }
  return links;
}

/** Whether two traceroutes may be of one path: equally long, and nowhere two different hops. */
function fits(a: readonly (string | null)[], b: readonly (string | null)[]): boolean {
  return (
    a.length === b.length && a.every((hop, at) => hop === null || b[at] === null || hop === b[at])
  );
}
