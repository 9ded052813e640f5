import type { SentPacket } from "../probe/observer.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { SurveySharing } from "./survey-sharing.ts";
import type { TracePurpose, TraceResult, TraceSettings } from "./trace.ts";

/** What the tracer is built from. */
export interface TracerOptions extends TraceSettings {
  /** All sweeps together. */
  readonly packetsPerSecond: number;
  /** No hop is asked faster. */
  readonly hopPacketsPerSecond: number;
  /** Whether a packet of the flow may go out now; always, unless told. */
  readonly mayTrace?: (flow: ProbedFlow) => boolean;
  /** Sends one packet of a flow with a TTL; undefined where it could not be sent. */
  readonly send: (flow: ProbedFlow, ttl: number) => SentPacket | undefined;
  readonly observer: TracerObserver;
  /** A flow's hops by TTL from 1, the destination last; undefined where they are not known. */
  readonly pathOf: (flow: ProbedFlow) => readonly (string | null)[] | undefined;
  readonly surveys: SurveySharing;
  readonly now: number;
}

/** What the tracer reports. */
export interface TracerObserver {
  /** A sweep ended; `result` is what all sweeps of the flow since it began to fail say. */
  onTraced(flow: ProbedFlow, purpose: TracePurpose, result: TraceResult, now: number): void;
  /** The flow fails and could not be swept in time. */
  onUntraceable(flow: ProbedFlow): void;
  /** A packet of a sweep went out. */
  onTracePacket(flow: ProbedFlow, purpose: TracePurpose): void;
  /** The target itself answered a packet of a sweep, sent at `sentAt`, by an ICMP error. */
  onRateLimited(flow: ProbedFlow, sentAt: number): void;
}
