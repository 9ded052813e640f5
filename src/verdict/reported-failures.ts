import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { Topology } from "../topology/topology.ts";
import type { TraceResult } from "../trace/trace.ts";
import { asFarAsKnown } from "./as-far-as-known.ts";
import { type Reached, withReporter } from "./reported-hop.ts";

/** How long a report stands of a flow that is no longer probed, milliseconds. */
const REPORT_MS = 60_000;

/** A router that reported a flow's failure. */
interface Report {
  readonly address: string;
  readonly at: number;
  /** It said that it does not pass the packet on; else that the packet's TTL ran out. */
  readonly rejects: boolean;
}

/**
 * Failures that somebody in the network reported, by an ICMP error or a reset. A router without a route answers a TTL
 * that runs out with the same error, so sweeps may find no hop although packets do leave this host. It answers few packets: Linux
 * sends a few such errors and then none as long as packets come more often than every two seconds. So a report stands as long as
 * the flow goes on failing.
 */
export class ReportedFailures {
  #at: number = Number.NEGATIVE_INFINITY;
  /** What a router reported last of each flow, since the flow's last answer; undefined until one did, since every probe asks. */
  #reports: Map<ProbedFlow, Report> | undefined;
  /** Those of them that stand at a time: all flows of a target are asked about at once. */
  #standing: { readonly at: number; readonly reports: readonly Report[] } | undefined;

  /** Whether no report stands. */
  get isClear(): boolean {
    return this.#reports === undefined || this.#reports.size === 0;
  }

  /** A probe of the target ended. What this host says itself, such as that a neighbour does not answer, is no report. */
  outcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    if (outcome.kind === "answered" && this.#reports?.delete(flow) === true) {
      this.#standing = undefined;
    }
    if (outcome.kind !== "failed" || outcome.responder === undefined) return;
    const { target, ownAddresses } = flow.target;
    const address = outcome.responder.text;
    if (address === target.source.text) return;
    this.#at = now;
    const isTarget = address === target.address.text || ownAddresses.has(address);
    const rejects = outcome.reason !== "ttl_exceeded";
    if (isTarget) return;
    this.#reports ??= new Map();
    this.#reports.set(flow, { address, at: now, rejects });
    this.#standing = undefined;
  }

  /** Forgets reports of flows that are no longer probed. */
  forgetOld(now: number): void {
    if (this.#reports !== undefined) this.#standingAt(now);
  }

  /** Routers that have said of flows which fail still that they do not pass their packets on. */
  rejecting(now: number): string[] {
    const standing = this.#standingAt(now);
    return [...new Set(standing.flatMap(({ rejects, address }) => (rejects ? address : [])))];
  }

  /**
   * What is known of where the flow's packets get to, by its sweeps and by reports. That no hop answers says
   * nothing of the source while anybody in the network has reported a failure.
   */
  reached(
    flow: ProbedFlow,
    topology: Topology,
    traced: TraceResult | undefined,
    now: number,
  ): Reached {
    const { seen = [], lastHop = "unknown" } = traced ?? {};
    const standing = this.#standingAt(now);
    const isHeard = now - this.#at <= REPORT_MS || standing.length > 0;
    const path = topology.of(flow)?.hops ?? null;
    const isLoop = standing.some(({ rejects }) => !rejects);
    const all = { seen, lastHop: lastHop === "none" && isHeard ? "unknown" : lastHop };
    const swept = path === null && isLoop ? asFarAsKnown(all, topology) : all;
    const report = this.#reports?.get(flow);
    if (report === undefined) return swept;
    const others = path === null ? topology.paths().map(({ hops }) => hops) : [];
    return withReporter(swept, report.address, path, others);
  }

  /** Reports of flows that fail still, or that were probed until lately. */
  #standingAt(now: number): readonly Report[] {
    if (this.#standing?.at === now) return this.#standing.reports;
    const reports: Report[] = [];
    for (const [flow, report] of this.#reports ?? []) {
      if (flow.active || now - report.at <= REPORT_MS) reports.push(report);
      else this.#reports?.delete(flow);
    }
    this.#standing = { at: now, reports };
    return reports;
  }
}
