import type { ProberObserver } from "./observer.ts";
import type { ProbedFlow } from "./probed-flow.ts";
import { type FlowTable, isOf } from "./reply/flow-table.ts";
import type { LatestFlows } from "./reply/latest-flows.ts";
import type { ReceivedReply } from "./reply/reply.ts";

/** A packet that may be an answer. */
export interface Arrival {
  readonly reply: ReceivedReply;
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly end: number;
  readonly receivedAt: number;
}

/** So many are looked at together: what was read for more would be gone from the processor's own memory before it is needed. */
const AT_ONCE = 64;

/** Packets that have been read and not been taken yet: of some at a time it is looked at side by side what they need, see `lookAhead`. */
export class Arrivals {
  readonly #table: FlowTable;
  readonly #latest: Pick<LatestFlows, "of">;
  readonly #observer: Pick<ProberObserver, "onExpected">;
  #waiting: Arrival[] = [];
  #looked = 0;

  /**
   * @param table knows the flows that answers are taken to
   * @param latest whose the latest packets are
   * @param observer is told of flows before their answers are taken
   */
  constructor(
    table: FlowTable,
    latest: Pick<LatestFlows, "of">,
    observer: Pick<ProberObserver, "onExpected">,
  ) {
    this.#table = table;
    this.#latest = latest;
    this.#observer = observer;
  }

  /** One more. */
  add(arrival: Arrival): void {
    this.#waiting.push(arrival);
  }

  /** Hands them out, in the order in which they came, each with the flow that it may be an answer to. */
  take(each: (flow: ProbedFlow | undefined, arrival: Arrival) => void): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (let from = 0; from < waiting.length; from += AT_ONCE) {
      this.#takeSome(waiting.slice(from, from + AT_ONCE), each);
    }
  }

  #takeSome(
    arrivals: readonly Arrival[],
    each: (flow: ProbedFlow | undefined, arrival: Arrival) => void,
  ): void {
    const flows = this.#find(arrivals);
    const known: ProbedFlow[] = [];
    for (const flow of flows) if (flow !== undefined) known.push(flow);
    for (const flow of known) this.#looked += flow.glance();
    for (const flow of known) this.#looked += flow.target.answers.glance();
    this.#observer.onExpected?.(known);
    for (const [index, arrival] of arrivals.entries()) each(flows[index], arrival);
  }

  #find(arrivals: readonly Arrival[]): (ProbedFlow | undefined)[] {
    const likely: (ProbedFlow | undefined)[] = [];
    for (const { reply } of arrivals) likely.push(this.#likely(reply));
    for (const flow of likely) this.#looked += flow?.sourcePort ?? 0;
    for (const flow of likely) this.#looked += flow?.target.port ?? 0;
    return arrivals.map(({ bytes, reply }, index) => {
      const flow = likely[index];
      if (flow?.open === true && isOf(flow, bytes, reply)) return flow;
      return this.#table.find(bytes, reply);
    });
  }

  /** The flow that it is most likely an answer to. */
  #likely(reply: ReceivedReply): ProbedFlow | undefined {
    if (reply.kind !== "syn_ack" || reply.timestampEcho === undefined) return undefined;
    return this.#latest.of(reply.timestampEcho);
  }
}
