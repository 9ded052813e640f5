import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";

/** Where probes of a flow ended, told once it is known. */
export type LastHopSink = (
  flow: ProbedFlow,
  lastHop: string,
  probes: number,
  failures: number,
) => void;

/** The last hop of a failure that nobody could trace. */
export const UNKNOWN_HOP = "unknown";

/**
 * Gives every valid probe its last responding hop. An answered probe has the destination, a failed one the hop that
 * its flow's sweep found: failures wait until the first sweep has ended, later ones go to what the sweeps said last.
 */
export class LastHops {
  readonly #sink: LastHopSink;
  /** Failures without a last hop yet. */
  readonly #waiting: Map<ProbedFlow, number> = new Map();
  /** The last hop of flows that fail now. */
  readonly #failing: Map<ProbedFlow, string> = new Map();

  constructor(sink: LastHopSink) {
    this.#sink = sink;
  }

  /** A valid probe ended. */
  outcome(flow: ProbedFlow, outcome: Exclude<Outcome, { kind: "invalid" }>): void {
    const destination = flow.target.addressText;
    if (outcome.kind === "answered") {
      // Of all probes hardly any has one to forget.
      if (this.#failing.size > 0) this.#failing.delete(flow);
      this.#sink(flow, destination, 1, 0);
      return;
    }
    const reported = reporter(outcome);
    if (reported !== undefined) this.#failing.set(flow, reported);
    const known = this.#failing.get(flow);
    if (known === undefined) this.#waiting.set(flow, (this.#waiting.get(flow) ?? 0) + 1);
    else this.#sink(flow, known, 1, 1);
  }

  /** A sweep of the failing flow ended. */
  traced(flow: ProbedFlow, lastHop: string): void {
    if (flow.state === "failing") this.#failing.set(flow, lastHop);
    this.#release(flow, lastHop);
  }

  /** The flow's failures so far cannot be traced any more. */
  untraceable(flow: ProbedFlow): void {
    this.#release(flow, UNKNOWN_HOP);
  }

  /** The flow is no longer probed. */
  forget(flow: ProbedFlow): void {
    this.#release(flow, UNKNOWN_HOP);
    this.#failing.delete(flow);
  }

  /** The flow's last hop now: the destination while it is up, `unknown` while a failure is not traced yet. */
  current(flow: ProbedFlow): string {
    if (flow.state === "up") return flow.target.addressText;
    return this.#failing.get(flow) ?? UNKNOWN_HOP;
  }

  #release(flow: ProbedFlow, lastHop: string): void {
    const waiting = this.#waiting.get(flow);
    if (waiting === undefined) return;
    this.#waiting.delete(flow);
    this.#sink(flow, lastHop, waiting, waiting);
  }
}

/**
 * Who a failure was reported by, where that is the last hop without a sweep: the destination that refused, the router
 * that rejected. A TTL that ran out in a loop says nothing of where the loop begins.
 */
function reporter(outcome: Extract<Outcome, { kind: "failed" }>): string | undefined {
  return outcome.reason === "ttl_exceeded" ? undefined : outcome.responder?.text;
}
