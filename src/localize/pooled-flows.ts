import type { FlowEvidence, HopAddress, HopControls, LocalizeCase } from "./case.ts";
import { flowsOf } from "./counts.ts";
import { mergeAlike, mergeAll } from "./merge-alike.ts";
import { pushTo } from "./multimap.ts";
import { refusedAsWorking } from "./refused-flows.ts";
import { withoutStale } from "./stale-answers.ts";

/** Stands for the destination where flows of several targets are looked at together; no address looks like it. */
export const ANY_TARGET = "any target";

/** What the flows of one target contribute to the pool. */
export interface Contribution {
  /** Its flows of whose way something is known, those alike as one. */
  readonly rows: readonly FlowEvidence[];
  /** Its flows that work, and of whose way nothing is known, as one; undefined where there are none. */
  readonly working: FlowEvidence | undefined;
  readonly links: LocalizeCase["known_links"];
  readonly routers: NonNullable<LocalizeCase["routers"]>;
  readonly controls: NonNullable<LocalizeCase["controls"]>;
  readonly rejecting: NonNullable<LocalizeCase["rejecting"]>;
  /** All hops but the destination that its flows have met, those of the last hour included. */
  readonly hops: ReadonlySet<string>;
  /** See {@link LocalizeCase.moving}. */
  readonly moving: boolean;
}

/**
 * Gathers the flows of one target whose way is known at least in part; of those that were neither swept nor seen healthy it counts
 * only that some work. Flows that the destination refuses work as far as ways go. Null for a target that tells nothing of places on the way: none of its flows fails, or all do.
 */
export function contributionOf({
  target,
  flows: told,
  known_links,
  routers = {},
  controls = {},
  rejecting = [],
  moving = false,
}: LocalizeCase): Contribution | null {
  const flows = refusedAsWorking(told);
  if (!flows.some(({ failures }) => failures > 0)) return null;
  if (!flows.some(({ probes, failures }) => failures < probes)) return null;
  const isPlaced = ({ path, seen }: FlowEvidence): boolean => path !== null || seen.length > 0;
  const placed = flows.filter(isPlaced);
  const others = flows.filter((flow) => !isPlaced(flow) && flow.failures === 0);
  const [working] = mergeAlike(others.map((flow) => ({ ...flow, last_hop: "unknown" })));
  const rows = mergeAlike(placed).map((flow) => towardsAny(flow, target));
  const hops = new Set<string>();
  for (const { path, seen } of rows) {
    for (const hop of [...(path ?? []), ...seen]) {
      if (hop !== null && hop !== ANY_TARGET) hops.add(hop);
    }
  }
  const links = known_links.filter(([, to]) => to !== target);
  for (const hop of links.flat()) hops.add(hop);
  return { rows, working, links, routers, controls, rejecting, hops, moving };
}

/** The same flow with the destination's name in place of its address. */
function towardsAny(flow: FlowEvidence, target: string): FlowEvidence {
  const named = (hops: readonly HopAddress[]): HopAddress[] =>
    hops.map((hop) => (hop === target ? ANY_TARGET : hop));
  const path = flow.path && named(flow.path);
  return {
    ...flow,
    path: path && (path.at(-1) === ANY_TARGET ? path : [...path, ANY_TARGET]),
    seen: flow.failures > 0 ? named(flow.seen) : [],
    last_hop: flow.last_hop === target ? ANY_TARGET : flow.last_hop,
  };
}

/** The flows of several targets as one case, and which targets stand behind each row of it. */
export interface PooledCase {
  readonly input: LocalizeCase;
  /** By row: the contributions, by index, that have such flows. */
  readonly sources: readonly ReadonlySet<number>[];
}

/**
 * Puts the flows of several targets together, each as far as it goes with others': what comes behind the last hop that it
 * shares is one destination to them all. Rows alike are one row, so that the case does not grow with the targets.
 * Pauses after each target.
 */
export function* poolFlows(
  contributions: readonly Contribution[],
): Generator<undefined, PooledCase> {
  const shared = sharedHops(contributions);
  const groups = new Map<string, FlowEvidence[]>();
  const sources = new Map<string, Set<number>>();
  const links = new Map<string, readonly [string, string]>();
  const routers: Record<string, string> = {};
  const controls: Record<string, HopControls> = {};
  const leading = leadingOn(contributions, shared);
  const rows = contributions.map(({ rows: own }) =>
    own.flatMap((row) => shortened(row, shared, leading) ?? []),
  );
  const kept = new Set(withoutStale(rows.flat(), ANY_TARGET));
  yield;
  for (const [index, each] of contributions.entries()) {
    for (const row of rows[index] ?? []) {
      if (!kept.has(row)) continue;
      const { path, seen, last_hop, failures, uplink } = row;
      const key = `${path?.join(" ")}|${seen.join(" ")}|${last_hop}|${uplink}|${failures > 0}`;
      pushTo(groups, key, row);
      sources.set(key, (sources.get(key) ?? new Set()).add(index));
    }
    for (const link of each.links) {
      if (link.every((hop) => shared.has(hop))) links.set(link.join(" "), link);
    }
    for (const [address, name] of Object.entries(each.routers)) {
      if (shared.has(address)) routers[address] = name;
    }
    for (const [address, { heard, silent }] of Object.entries(each.controls)) {
      const { heard: before = 0, silent: silentBefore = 0 } = controls[address] ?? {};
      controls[address] = { heard: before + heard, silent: silentBefore + silent };
    }
    yield;
  }
  const flows: FlowEvidence[] = [];
  const of: ReadonlySet<number>[] = [];
  for (const [key, group] of groups) {
    for (const row of mergeAll(group)) {
      flows.push(row);
      of.push(sources.get(key) ?? new Set());
    }
  }
  const others = contributions.flatMap(({ working }) => working ?? []);
  // That others work tells a fault of some ways from an outage, whichever ways these take.
  const isOutage = !flows.some(({ probes, failures }) => failures < probes);
  if (isOutage) {
    const from = contributions.flatMap(({ working }, index) => (working ? index : []));
    for (const row of mergeAll(others)) {
      flows.push(row);
      of.push(new Set(from));
    }
  }
  const rejecting = new Set(contributions.flatMap((each) => each.rejecting));
  const input = {
    target: ANY_TARGET,
    flows,
    ...(!isOutage && { unplaced: flowsOf(others) }),
    known_links: [...links.values()],
    routers,
    controls,
    rejecting: [...rejecting].filter((hop) => shared.has(hop)),
    ...(2 * contributions.filter(({ moving }) => moving).length >= contributions.length && {
      moving: true,
    }),
  };
  return { input, sources: of };
}

/** Hops that the flows of at least two targets have met. */
function sharedHops(contributions: readonly Contribution[]): Set<string> {
  const met = new Map<string, number>();
  for (const { hops } of contributions) {
    for (const hop of hops) met.set(hop, (met.get(hop) ?? 0) + 1);
  }
  return new Set([...met].flatMap(([hop, targets]) => (targets > 1 ? [hop] : [])));
}

/** Shared hops from which some way is known to lead on to another. */
function leadingOn(
  contributions: readonly Contribution[],
  shared: ReadonlySet<string>,
): ReadonlySet<string> {
  const leading = new Set<string>();
  for (const { path } of contributions.flatMap(({ rows }) => rows)) {
    path?.forEach((hop, at) => {
      const next = path[at + 1] ?? null;
      if (hop !== null && next !== null && shared.has(hop) && shared.has(next)) leading.add(hop);
    });
  }
  return leading;
}

/**
 * A row as far as its way is shared; null where nothing of it is. Silent hops before the destination stay where others' flows have shown what is
 * there: without them a way would seem to lead from the hop before straight to the destination.
 */
function shortened(
  row: FlowEvidence,
  shared: ReadonlySet<string>,
  leading: ReadonlySet<string>,
): FlowEvidence | null {
  const isShared = (hop: HopAddress): boolean => hop !== null && shared.has(hop);
  const { path, seen } = row;
  const cut = Math.max(path?.findLastIndex(isShared) ?? -1, seen.findLastIndex(isShared));
  if (cut < 0) return null;
  const rest = path?.slice(cut + 1, -1) ?? [];
  const isGap = rest.every((hop) => hop === null) && leading.has(path?.[cut] ?? "");
  const past = seen.findLastIndex((hop) => hop !== null) > cut;
  const isKept = ["none", "unknown"].includes(row.last_hop) || isShared(row.last_hop);
  return {
    ...row,
    path: path && [...path.slice(0, cut + 1), ...(isGap ? rest : []), ANY_TARGET],
    seen: past ? [...seen.slice(0, cut + 1), ANY_TARGET] : seen.slice(0, cut + 1),
    last_hop: isKept ? row.last_hop : ANY_TARGET,
  };
}
