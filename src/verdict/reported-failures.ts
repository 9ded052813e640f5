import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { Topology } from "../topology/topology.ts";
import type { TraceResult } from "../trace/trace.ts";
import { type Reached, withReporter } from "./reported-hop.ts";

/** How long one report stands for those that an ICMP rate limit keeps back. */
const REPORT_MS = 60_000;

/**
 * Failures that somebody in the network reported, by an ICMP error or a reset. A router without a route answers a TTL
 * that runs out with the same error, and few of them (Linux: one a second), so sweeps may find no hop although packets
 * do leave this host.
 */
export class ReportedFailures {
  #at: number = Number.NEGATIVE_INFINITY;
  /** The router that reported a failure of a flow last, since the flow's last answer. */
  readonly #routers: WeakMap<ProbedFlow, { readonly address: string; readonly at: number }> =
    new WeakMap();

  /** A probe of the target ended. What this host says itself, such as that a neighbour does not answer, is no report. */
  outcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    // Of all probes hardly any ends after a report.
    if (outcome.kind === "answered" && this.#at > Number.NEGATIVE_INFINITY) {
      this.#routers.delete(flow);
    }
    if (outcome.kind !== "failed" || outcome.responder === undefined) return;
    const { target, ownAddresses } = flow.target;
    const address = outcome.responder.text;
    if (address === target.source.text) return;
    this.#at = now;
    const isTarget = address === target.address.text || ownAddresses.has(address);
    if (!isTarget) this.#routers.set(flow, { address, at: now });
  }

  /**
   * What is known of where the flow's packets get to, by its sweeps and by reports within a minute. That no hop answers says
   * nothing of the source then.
   */
  reached(
    flow: ProbedFlow,
    topology: Topology,
    traced: TraceResult | undefined,
    now: number,
  ): Reached {
    const { seen = [], lastHop = "unknown" } = traced ?? {};
    const swept = {
      seen,
      lastHop: lastHop === "none" && now - this.#at <= REPORT_MS ? "unknown" : lastHop,
    };
    const router = this.#routers.get(flow);
    if (router === undefined || now - router.at > REPORT_MS) return swept;
    const path = topology.of(flow)?.hops ?? null;
    const others = path === null ? topology.paths().map(({ hops }) => hops) : [];
    return withReporter(swept, router.address, path, others);
  }
}
