import type { LastHops } from "../path/last-hops.ts";
import { reproduceCommands } from "../path/reproduce.ts";
import type { Tracer } from "../path/tracer.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";

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
  /** Who answered the sweeps of a failing flow, by TTL from 1. */
  readonly seen?: readonly (string | null)[];
  readonly rtt_seconds: number | null;
}

/** One target as the API shows it. */
export interface TargetView {
  readonly name: string;
  readonly protocol: string;
  /** Null while the name does not resolve. */
  readonly address: string | null;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Why the target is not probed; null while it is. */
  readonly error: string | null;
  readonly flows: readonly FlowView[];
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

/** Describes a target as it is now. */
export function targetView(
  state: TargetState,
  lastHops: LastHops,
  tracer: Pick<Tracer, "resultOf">,
): TargetView {
  const { name, protocol, port, labels, probed, error } = state;
  const flows = probed?.flows.filter((flow) => flow !== undefined) ?? [];
  return {
    name,
    protocol,
    address: probed?.target.address.text ?? null,
    port,
    labels,
    error: error ?? null,
    flows: flows.map((flow) => flowView(flow, lastHops, tracer)),
    reproduce: {
      failing: commands(flows, "failing"),
      working: commands(flows, "up"),
    },
  };
}

function flowView(
  flow: ProbedFlow,
  lastHops: LastHops,
  tracer: Pick<Tracer, "resultOf">,
): FlowView {
  const { bucket, sourcePort, hash, state, last } = flow;
  const traced = state === "failing" ? tracer.resultOf(flow) : undefined;
  return {
    bucket,
    source_port: sourcePort,
    hash,
    state,
    last_result: last === undefined ? null : last.kind === "answered" ? "success" : last.reason,
    last_hop: lastHops.current(flow),
    last_hop_ttl: traced?.lastHopTtl ?? null,
    ...(traced === undefined ? {} : { seen: traced.seen }),
    rtt_seconds: last?.kind === "answered" ? last.rttMs / 1000 : null,
  };
}

/** How to repeat the first flow in a state by hand. */
function commands(flows: readonly ProbedFlow[], state: "failing" | "up"): string[] {
  const flow = flows.find((candidate) => candidate.state === state);
  return flow === undefined ? [] : reproduceCommands(flow.target.target, flow.sourcePort);
}
