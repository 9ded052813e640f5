import type { EngineView } from "../engine/engine-view.ts";
import type { Localization } from "../localize/localize.ts";
import type { Suspect } from "../localize/suspect.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { incomingName } from "../topology/hop-facts.ts";
import { linksOf } from "../topology/links.ts";
import { withReasonNow } from "../verdict/reason-now.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";
import { type HopNaming, type OnPathView, onPathView } from "./hop-view.ts";
import { reproduceCommands } from "./reproduce.ts";

/** One flow as the API shows it. */
export interface FlowView {
  readonly bucket: number;
  readonly source_port: number;
  /** Toeplitz hash of the 5-tuple. */
  readonly hash: number;
  readonly state: "up" | "failing" | "unknown";
  /** `success` or the reason of the last failure; null before the first result. */
  readonly last_result: string | null;
  readonly last_hop: string;
  readonly last_hop_ttl: number | null;
  /** Id of the path it was last seen to take; null while no survey has found it. */
  readonly path: string | null;
  /** Who answered the sweeps of a failing flow, by TTL from 1. */
  readonly seen?: readonly (string | null)[];
  readonly rtt_seconds: number | null;
}

/** One path with what its flows did in the last five minutes. */
export interface PathView {
  readonly id: string;
  readonly hops: readonly (string | null)[];
  /** Flows that take it now. */
  readonly flows: number;
  readonly probes: number;
  readonly failures: number;
  /** 0 to 1; null without probes. */
  readonly success_ratio: number | null;
}

/** One link between hops that answer, with what crossed it in the last five minutes. */
export interface LinkView {
  readonly from: string | null;
  readonly to: string;
  readonly probes: number;
  readonly failures: number;
}

/** How much of the network the flows cover. */
export interface CoverageView {
  readonly paths: number;
  /** Chance that no path is left unseen, 0 to 1. */
  readonly confidence: number;
  /** TTLs at which packets of one flow take turns over several routers; such hops are null in paths. */
  readonly per_packet_ttls: readonly number[];
  /** Says so, and what would do, where flow_buckets is too small for the width seen; null otherwise. */
  readonly warning: string | null;
}

/** A suspect, and what its far end calls the interface that packets come in by (RFC 5837); null where it does not say. */
export interface SuspectView extends Suspect {
  readonly interface: string | null;
}

/** What the target's endpoint, or a firewall in front of it, limits its answers to. */
export interface RateLimitView {
  readonly answers_per_second: number;
  /** How fast it is probed meanwhile. */
  readonly probes_per_second: number;
  /** Nothing is lost since it is probed more slowly; until then the limit is a guess. */
  readonly proven: boolean;
}

/** One target as the API shows it. */
export interface TargetView extends OnPathView {
  readonly name: string;
  readonly protocol: string;
  /** How it is probed, `raw` or `connect`; null while it is not. */
  readonly method: string | null;
  /** Null while the name does not resolve. */
  readonly address: string | null;
  /** The address that its probes come from; null while it is not probed. */
  readonly source: string | null;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Why the target is not probed; null while it is. */
  readonly error: string | null;
  readonly verdict: string;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly flows: readonly FlowView[];
  readonly paths: readonly PathView[];
  readonly links: readonly LinkView[];
  readonly suspects: readonly SuspectView[];
  readonly coverage: CoverageView;
  /** Null while the target answers whatever it is asked. */
  readonly rate_limit: RateLimitView | null;
  readonly reproduce: { readonly failing: readonly string[]; readonly working: readonly string[] };
}

/** What the API needs to know of a target. */
export interface TargetState {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly probed: ProbedTarget | undefined;
  readonly error: string | undefined;
}

/** Where a view is read from. */
export interface ViewSource {
  readonly engine: EngineView;
  /** Names of hops, as far as they are known. */
  readonly names: HopNaming;
}

/** Flows that are counted in one step. */
const FLOWS_A_STEP = 16;

/** Describes a target as it is now. */
export function targetView(state: TargetState, source: ViewSource, now: number): TargetView {
  const steps = targetViewInSteps(state, source, now);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Describes a target in steps, each well within a millisecond; counts may be of a later moment than flows and verdict. */
export function* targetViewInSteps(
  state: TargetState,
  source: ViewSource,
  now: number,
): Generator<void, TargetView> {
  const { name, protocol, port, labels, probed, error } = state;
  const flows = probed?.flows.filter((flow) => flow !== undefined) ?? [];
  const paths = probed === undefined ? undefined : source.engine.pathsOf(probed);
  const told = probed && paths && withReasonNow(paths.hysteresis.standing, probed);
  // In one step, since the sentence tells how many of them fail, and commands repeat those that do.
  const shown = flows.map((flow) => flowView(flow, source.engine));
  const reproduce = { failing: commands(flows, "failing"), working: commands(flows, "up") };
  yield;
  if (probed !== undefined) source.engine.tellAnswers(probed);
  const counted = paths === undefined ? { paths: [], links: [] } : yield* pathViews(paths, now);
  yield;
  const onPath =
    probed === undefined || paths === undefined
      ? { nat: null, dscp_change: null, hops: [] }
      : onPathView(paths, probed.target.dscp, source.names);
  yield;
  return {
    name,
    protocol,
    method: probed?.target.method ?? null,
    address: probed?.target.address.text ?? null,
    source: probed?.target.source.text ?? null,
    port,
    labels,
    error: error ?? null,
    verdict: told?.verdict ?? "indeterminate",
    reason: told?.reason ?? `The target is not probed: ${error ?? "its name is being resolved"}.`,
    flows: shown,
    ...counted,
    suspects: told && paths ? suspectViews(told, paths) : [],
    ...onPath,
    coverage: coverageView(state, paths),
    rate_limit: rateLimitView(probed),
    reproduce,
  };
}

function rateLimitView(probed: ProbedTarget | undefined): RateLimitView | null {
  if (probed?.rateLimit === undefined) return null;
  const { perSecond, proven } = probed.rateLimit;
  const rounded = (rate: number): number => Number(rate.toPrecision(3));
  return {
    answers_per_second: rounded(perSecond),
    probes_per_second: rounded(1000 / probed.pacer.step),
    proven,
  };
}

/** What is suspected, with the interfaces that far ends name. */
export function suspectViews(
  { suspects }: Pick<Localization, "suspects">,
  { onPath }: Pick<TargetPaths, "onPath">,
): SuspectView[] {
  return suspects.map((suspect) => ({
    ...suspect,
    interface: incomingName(onPath.of(suspect.to ?? "")) ?? null,
  }));
}

function flowView(flow: ProbedFlow, engine: EngineView): FlowView {
  const { bucket, sourcePort, hash, state, last } = flow;
  const isFailing = state === "failing";
  const traced = isFailing ? engine.traceOf(flow) : undefined;
  const lastHop = engine.lastHopOf(flow);
  return {
    bucket,
    source_port: sourcePort,
    hash,
    state,
    last_result: last === undefined ? null : last.kind === "answered" ? "success" : last.reason,
    last_hop: lastHop,
    // The destination may have answered the probe, and not the sweep.
    last_hop_ttl: traced?.lastHop === lastHop ? traced.lastHopTtl : null,
    path: engine.pathsOf(flow.target).topology.of(flow)?.path?.id ?? null,
    ...(isFailing ? { seen: traced?.seen ?? [] } : {}),
    rtt_seconds: last?.kind === "answered" ? last.rttMs / 1000 : null,
  };
}

/** Paths and links with the counts of their flows in the evidence's window. */
function* pathViews(
  { topology, evidence }: TargetPaths,
  now: number,
): Generator<void, { paths: PathView[]; links: LinkView[] }> {
  const paths = new Map(
    topology.paths().map((path) => [path.id, { path, flows: 0, probes: 0, failures: 0 }]),
  );
  const links = new Map<
    string,
    { from: string | null; to: string; probes: number; failures: number }
  >();
  yield;
  let seen = 0;
  for (const [flow, { probes, failures }] of evidence.counts(now)) {
    seen += 1;
    if (seen % FLOWS_A_STEP === 0) yield;
    const known = topology.of(flow);
    if (known === undefined) continue;
    const counted = paths.get(known.path?.id ?? "");
    if (counted !== undefined) {
      if (flow.active) counted.flows += 1;
      counted.probes += probes;
      counted.failures += failures;
    }
    const [first] = known.hops;
    const start: [null, string][] = typeof first === "string" ? [[null, first]] : [];
    for (const [from, to] of [...start, ...linksOf(known.hops)]) {
      const link = links.get(`${from} ${to}`) ?? { from, to, probes: 0, failures: 0 };
      link.probes += probes;
      link.failures += failures;
      links.set(`${from} ${to}`, link);
    }
  }
  return {
    paths: [...paths.values()].map(({ path, flows, probes, failures }) => ({
      id: path.id,
      hops: path.hops,
      flows,
      probes,
      failures,
      success_ratio: probes === 0 ? null : (probes - failures) / probes,
    })),
    links: [...links.values()],
  };
}

function coverageView(state: TargetState, paths: TargetPaths | undefined): CoverageView {
  if (paths === undefined) return { paths: 0, confidence: 0, per_packet_ttls: [], warning: null };
  const needed = paths.bucketsNeeded;
  const buckets = state.probed?.target.flowBuckets;
  return {
    paths: paths.topology.paths().length,
    confidence: Number(paths.topology.coverage().toFixed(4)),
    per_packet_ttls: [...paths.topology.perPacketTtls],
    warning:
      needed === 0
        ? null
        : `flow_buckets is ${buckets}, but ${needed} would be needed to see every next hop with 95 %`,
  };
}

/** How to repeat the first flow in a state by hand. */
function commands(flows: readonly ProbedFlow[], state: "failing" | "up"): string[] {
  const flow = flows.find((candidate) => candidate.state === state);
  return flow === undefined ? [] : reproduceCommands(flow.target.target, flow.sourcePort);
}
