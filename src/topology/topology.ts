import { type BranchingPoint, pathCoverage } from "../flow/coverage.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import { branchingPoints } from "./branching.ts";
import {
  beginsWith,
  firstMet,
  fits,
  keyOf,
  knownPaths,
  untilGap,
  type Way,
} from "./known-paths.ts";
import type { KnownPath, KnownWay } from "./known-way.ts";
import { LearntWays } from "./learnt-ways.ts";
import { Links } from "./links.ts";
import { withoutLostEnd } from "./lost-ends.ts";
import { pathId } from "./path-id.ts";
import { type Resolved, resolveWays, type SweptWay } from "./resolved-ways.ts";
import { NO_NAMES, type RouterNames } from "./router-names.ts";
import { SilentPlaces } from "./silent-places.ts";
import { ToldWays } from "./told-ways.ts";

/** What {@link Topology.learn} found. */
export type Learned = "first" | "same" | "changed";

/** A path that no flow takes is forgotten after this time. */
const PATH_AGE_MS = 600_000;

/** Share of the active flows whose paths must be known before they alone speak for the network. */
const ENOUGH_KNOWN = 0.9;
/** A retired flow's path is kept as long as its probes count as evidence. */
const RETIRED_MS = 300_000;

/** A flow's way, and when its bucket was seen to have moved on. */
interface SweptFlow extends SweptWay {
  retiredAt?: number;
}

/**
 * The ways of one target's flows, as surveys found them: which flow takes which path, which paths and links there are.
 * A path is over routers where their identity is known, over addresses else. A hop that was silent this time does not
 * undo what is known of it as long as nothing contradicts; a flow some of whose hops are not known yet takes the one
 * path that fits. Hops that balance packets of one flow over several routers are shown as null, since no path through
 * them is any flow's.
 */
export class Topology {
  readonly #flows: Map<ProbedFlow, SweptFlow> = new Map();
  readonly #learnt: LearntWays = new LearntWays();
  readonly #silent: SilentPlaces = new SilentPlaces();
  readonly #told: ToldWays;
  readonly #links: Links = new Links();
  /** By id, also those that nothing shows any more until they are forgotten. */
  readonly #paths: Map<string, KnownPath> = new Map();
  #now = 0;
  /** When the oldest of the ways was learnt that still speak for the paths there are. */
  #oldestAt = Number.POSITIVE_INFINITY;
  #toldAt = 0;
  #resolved: Resolved | undefined;
  /** Stands for it in flows, which may outlive it. */
  #key: object = {};
  #points: readonly BranchingPoint[] | undefined;

  /** @param names which addresses are one router's; without it every address is a router of its own */
  constructor(names: RouterNames = NO_NAMES) {
    this.#told = new ToldWays(names, this.#silent);
    this.#toldAt = this.#told.version;
  }

  /** TTLs at which one flow met several routers. */
  get perPacketTtls(): ReadonlySet<number> {
    return this.#told.perPacketTtls;
  }

  /** Packets of one flow are balanced over several routers at these TTLs: what was learnt of them is no path. */
  balanceByPacket(ttls: ReadonlySet<number>): void {
    const before = this.perPacketTtls;
    if (ttls.size === before.size && [...ttls].every((ttl) => before.has(ttl))) return;
    this.#told.perPacketTtls = ttls;
    this.#links.clear();
    for (const { hops, at } of this.#flows.values()) this.#links.add(this.#told.shown(hops), at);
    this.#paths.clear();
    this.#changed();
  }

  /**
   * A survey found a flow's whole path.
   * @param swept hops by TTL from 1, the destination last
   */
  learn(flow: ProbedFlow, swept: readonly (string | null)[], now: number): Learned {
    this.#now = Math.max(this.#now, now);
    const found = withoutLostEnd(swept, this.#learnt.lately(now - PATH_AGE_MS));
    const before = this.#flows.get(flow)?.hops;
    const routers = (way: Way): Way => this.#told.routers(way);
    const compatible = before !== undefined && fits(routers(before), routers(found));
    if (compatible) this.#silent.sweptAgain(routers(before), routers(found));
    const merged = compatible ? found.map((hop, at) => hop ?? before[at] ?? null) : found;
    const hops = this.#told.same(merged);
    const stays = this.#takesAsOthers(flow, hops);
    this.#flows.set(flow, { hops, at: now });
    this.#learnt.add(flow.sourcePort, hops, now);
    this.#links.add(this.#told.shown(hops), now);
    if (stays === undefined) this.#changed();
    else {
      this.#points = undefined;
      stays.seenAt = Math.max(stays.seenAt, now);
      const way = { path: stays, hops: this.#told.shown(hops), at: now, open: false };
      this.#resolved?.ways.set(flow, way);
      flow.knownBy = undefined;
    }
    if (before === undefined) return "first";
    return compatible ? "same" : "changed";
  }

  /** What a survey found last of a flow's way has turned out to be none. */
  unlearn(flow: ProbedFlow): void {
    const swept = this.#flows.get(flow);
    if (swept === undefined) return;
    this.#flows.delete(flow);
    this.#learnt.delete(flow.sourcePort);
    this.#links.remove(this.#told.shown(swept.hops), swept.at);
    for (const { hops, at } of this.#flows.values()) this.#links.add(this.#told.shown(hops), at);
    this.#changed();
  }

  /**
   * The path without gaps that a flow's way is, where other ways show that path and the flow's own before was no other: then nothing else
   * changes. Undefined elsewhere.
   */
  #takesAsOthers(flow: ProbedFlow, hops: Way): KnownPath | undefined {
    const told = this.#told.told(hops);
    if (this.#resolved === undefined || this.#isOutdated()) return undefined;
    const key = keyOf(told);
    const isOther = (way: Way | undefined): boolean =>
      way !== undefined && keyOf(this.#told.told(way)) !== key;
    if (isOther(this.#flows.get(flow)?.hops) || isOther(this.#learnt.of(flow.sourcePort))) {
      return undefined;
    }
    return this.#resolved.whole.get(key);
  }

  /** Reads what {@link of} needs whichever flow is asked for. @returns a number without a meaning */
  glance(): number {
    return this.#told.version + (this.#resolved?.ways.size ?? 0);
  }

  /** What is known of a flow's way; undefined for one that no survey has found yet. */
  of(flow: ProbedFlow): KnownWay | undefined {
    const { ways } = this.#resolve();
    if (flow.knownBy !== this.#key) {
      flow.knownWay = ways.get(flow);
      flow.knownBy = this.#key;
    }
    return flow.knownWay as KnownWay | undefined;
  }

  /** The one known path that begins with these hops (null fits any); undefined where none or several do. */
  startingWith(hops: readonly (string | null)[]): KnownPath | undefined {
    if (!hops.some((hop) => hop !== null)) return undefined;
    const routers = this.#told.routers(hops, false);
    const fitting = [...this.#resolve().paths].filter(
      ([path, way]) => path.hops.length > hops.length && beginsWith(way, routers),
    );
    return fitting.length === 1 ? fitting[0]?.[0] : undefined;
  }

  /** Forgets what has grown old. */
  prune(now: number): void {
    this.#now = Math.max(this.#now, now);
    for (const [flow, known] of this.#flows) {
      if (flow.active) continue;
      known.retiredAt ??= now;
      if (now - known.retiredAt <= RETIRED_MS) continue;
      this.#flows.delete(flow);
      this.#changed();
    }
    if (this.#learnt.prune(now) || now - this.#oldestAt > PATH_AGE_MS) this.#changed();
    this.#links.prune(now);
    const shown = new Set(this.paths());
    for (const path of this.#paths.values()) {
      if (!shown.has(path) && now - path.seenAt > PATH_AGE_MS) this.#paths.delete(path.id);
    }
  }

  /** Paths taken now or lately. */
  paths(): KnownPath[] {
    return [...this.#resolve().paths.keys()];
  }

  /** The path of this id; undefined once it is forgotten. */
  readonly path = (id: string): KnownPath | undefined => this.#paths.get(id);

  /**
   * The path that probes of a path of this id count for: that path, or the one it has turned out to be, now that more of
   * its hops or of its routers' addresses are known; null where it may be several, undefined once it is forgotten.
   */
  countedAs(id: string): KnownPath | null | undefined {
    const path = this.#paths.get(id);
    const { paths } = this.#resolve();
    if (path === undefined || paths.has(path)) return path;
    const way = this.#told.told(path.hops);
    const [only, another] = [...paths].filter(([, other]) => fits(other, way));
    if (only === undefined) return path;
    return another === undefined ? only[0] : null;
  }

  /** Distinct paths that the flows take, with how many each; flows whose path is not known yet are left out. */
  taken(): Map<KnownPath, number> {
    const taken = new Map<KnownPath, number>();
    for (const { path } of this.#current()) {
      if (path !== undefined) taken.set(path, (taken.get(path) ?? 0) + 1);
    }
    return taken;
  }

  /** Links seen in the last hour, whether or not an active flow crosses them. */
  links(): [string, string][] {
    return this.#links.all();
  }

  /** Whether a link was seen in the last hour. @param from null for this host */
  readonly hasLink = (from: string | null, to: string): boolean => this.#links.has(from, to);

  /** Chance that no path is left unseen, 0 to 1, by everything learnt in the last hour; 0 while nothing is known. */
  coverage(): number {
    return pathCoverage(this.#branchingPoints());
  }

  /** The most next hops seen behind one router; 1 where nothing branches. */
  width(): number {
    return this.#branchingPoints().reduce((most, { nextHops }) => Math.max(most, nextHops), 1);
  }

  /**
   * The flows that speak for the network: the active ones, and while a rotation's new flows are still being surveyed
   * those before them too, so that a rotation does not look like a network that has shrunk.
   */
  #current(): KnownWay[] {
    const known = [...this.#resolve().ways];
    const active = known.filter(([flow]) => flow.active);
    const [anyone] = active;
    const expected = anyone?.[0].target.flows.length ?? 0;
    const enough = active.length > 0 && active.length >= expected * ENOUGH_KNOWN;
    return (enough ? active : known).map(([, path]) => path);
  }

  /** From every source port of the last hour, at least as far as its way is known. */
  #branchingPoints(): readonly BranchingPoint[] {
    if (this.#isOutdated()) this.#changed();
    if (this.#points === undefined) {
      const ports = new Map<number, Way>();
      for (const [sourcePort, way] of this.#learnt.since(0)) ports.set(sourcePort, way);
      for (const [{ sourcePort }, { hops }] of this.#flows) ports.set(sourcePort, hops);
      const ways = [...ports.values()].map((way) => this.#told.told(way));
      const { paths, pathOf } = knownPaths(ways);
      this.#points = branchingPoints(
        ways.map((way, index) => paths[pathOf[index] ?? -1] ?? untilGap(way)),
      );
    }
    return this.#points;
  }

  #changed(): void {
    this.#resolved = undefined;
    this.#key = {};
    this.#points = undefined;
    this.#toldAt = this.#told.version;
  }

  /** Whether routers or silent places have other names since. */
  readonly #isOutdated = (): boolean => this.#toldAt !== this.#told.version;

  #resolve(): Resolved {
    if (this.#isOutdated()) this.#changed();
    this.#resolved ??= this.#resolveAnew();
    return this.#resolved;
  }

  #resolveAnew(): Resolved {
    const lately: SweptWay[] = [];
    this.#oldestAt = Number.POSITIVE_INFINITY;
    for (const [, hops, at] of this.#learnt.since(this.#now - PATH_AGE_MS)) {
      lately.push({ hops, at });
      this.#oldestAt = Math.min(this.#oldestAt, at);
    }
    return resolveWays(this.#flows, lately, this.#told, (way, takers) => this.#path(way, takers));
  }

  /** The path over these routers. @param takers flows that take it, at least one */
  #path(way: Way, takers: readonly SweptWay[]): KnownPath {
    const id = pathId(way);
    const seenAt = Math.max(...takers.map(({ at }) => at));
    let path = this.#paths.get(id);
    if (path === undefined) {
      path = { id, hops: this.#told.shown(firstMet(way.length, takers)), seenAt };
      this.#paths.set(id, path);
    }
    path.seenAt = Math.max(path.seenAt, seenAt);
    return path;
  }
}
