import type { FlowEvidence, LocalizeCase } from "../localize/case.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { Topology } from "../topology/topology.ts";
import type { TraceResult } from "../trace/trace.ts";
import { withoutEarlierSweeps } from "./earlier-sweeps.ts";
import { lastWave } from "./last-wave.ts";
import type { RouterLookup } from "./router-lookup.ts";
import type { TargetPaths } from "./target-paths.ts";
import { uplinkNames } from "./uplinks.ts";

/** What others have seen of a target's flows. */
export interface SeenBy {
  /** The sweeps of a failing flow so far. */
  readonly traced: (flow: ProbedFlow) => TraceResult | undefined;
  /** Whose the addresses are. */
  readonly routers: RouterLookup;
}

/** Whether a hop before the destination has answered. */
function isHeard(path: FlowEvidence["path"]): boolean {
  return path?.slice(0, -1).some((hop) => hop !== null) ?? false;
}

/** The same flows: a way on which nobody has answered tells nothing where others' hops do, it is not known yet. */
function withoutUnheardWays(flows: readonly FlowEvidence[]): readonly FlowEvidence[] {
  if (!flows.some(({ path }) => isHeard(path))) return flows;
  return flows.map((flow) =>
    flow.path !== null && flow.path.length > 1 && !isHeard(flow.path)
      ? { ...flow, path: null }
      : flow,
  );
}

/** Of the flows that work so many may still be known by ways of before they moved. Set by hand (2026-11). */
const MOST_STALE = 0.25;

/** All that is known of a target's flows by now, as localisation looks at it. @param now milliseconds, monotonic */
export function caseOf(
  target: ProbedTarget,
  paths: TargetPaths,
  seenBy: SeenBy,
  now: number,
): LocalizeCase {
  const flows: FlowEvidence[] = [];
  const telling = [...paths.evidence.telling(now, target.roundMs)];
  const uplinks = uplinkNames(
    telling.map(([flow]) => ({
      uplink: flow.way?.uplink,
      firstHop: paths.topology.of(flow)?.hops[0] ?? seenBy.traced(flow)?.seen[0],
    })),
  );
  let [works, stale] = [0, 0];
  for (const [flow, counts] of telling) {
    const traced = counts.failures > 0 ? seenBy.traced(flow) : undefined;
    // Traces are made of SYNs: where what follows a SYN dies they reach the destination, and tell the way but nothing of the place.
    const swept = flow.unfinished ? wayOf(traced, target, paths.topology) : null;
    const placed = flow.unfinished ? undefined : traced;
    const { seen, lastHop } = paths.reported.reached(flow, paths.topology, placed, now);
    const way = paths.topology.of(flow);
    const isPast = way !== undefined && way.at < paths.waysFrom;
    if (counts.failures === 0) works += 1;
    if (counts.failures === 0 && isPast) stale += 1;
    const uplink = uplinks.get(flow.way?.uplink ?? "");
    const oneWay = counts.failures > 0 ? paths.oneWay.of(flow, now) : undefined;
    flows.push({
      bucket: flow.bucket,
      source_port: flow.sourcePort,
      path: isPast ? swept : (way?.hops ?? swept),
      seen,
      ...counts,
      ...paths.evidence.latestOf(flow),
      ...(placed && { swept_at: placed.wholeAt }),
      last_hop: lastHop,
      ...(uplink && { uplink }),
      ...(oneWay && { one_way: oneWay }),
      ...(flow.unfinished && { unfinished: true }),
    });
  }
  const known_links = paths.topology.links();
  const { perPacketTtls } = paths.topology;
  // What hops answered before the last fault began does not show that their answers still come back.
  const began = Math.max(target.failingSince, lastWave(flows, target.roundMs));
  const controls = paths.controls.since(began, now);
  const rejecting = paths.reported.rejecting(now);
  return {
    target: target.target.address.text,
    flows: withoutEarlierSweeps(withoutUnheardWays(flows), target.roundMs),
    known_links,
    routers: seenBy.routers.of(flows, known_links),
    ...(perPacketTtls.size > 0 && { spread: paths.hopsByTtl.at(perPacketTtls, now) }),
    ...(Object.keys(controls).length > 0 && { controls }),
    ...(rejecting.length > 0 && { rejecting }),
    ...(stale > MOST_STALE * works && { moving: true }),
  };
}

/**
 * The whole way that a sweep found; null for none. It is whole where it ends at a hop that is known to hand on to the destination: a server that
 * holds a connection half open does not answer the SYNs of sweeps, but repeats what it said before, which tells no TTL.
 */
function wayOf(
  traced: TraceResult | undefined,
  { target }: ProbedTarget,
  topology: Pick<Topology, "hasLink">,
): FlowEvidence["path"] {
  const seen = traced?.seen ?? [];
  const [last, to] = [seen.at(-1) ?? null, target.address.text];
  return last !== null && topology.hasLink(last, to) ? [...seen, to] : null;
}
