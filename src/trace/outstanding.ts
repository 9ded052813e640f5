import type { SentPacket } from "../probe/observer.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { SweepAnswer } from "../probe/reply/match.ts";
import type { PacedAsk } from "./hop-pacer.ts";

/** An answer this long after its packet still tells a hop, though the packet no longer waits for it. */
const REMEMBERED_MS = 5000;

/** One TTL-limited packet on its way. */
export interface Ask<Owner> {
  readonly owner: Owner;
  readonly flow: ProbedFlow;
  readonly ttl: number;
  readonly packet: SentPacket;
  /** Undefined for the packet that asks the destination itself. */
  readonly paced: PacedAsk | undefined;
  answered: boolean;
  /** Its time is up: silence has been told. */
  expired: boolean;
}

/** The TTL-limited packets that may still be answered, by flow, in the order they were sent. */
export class AskBook<Owner> {
  readonly #byFlow: Map<ProbedFlow, Ask<Owner>[]> = new Map();
  readonly #queue: Ask<Owner>[] = [];

  /** Registers a packet that was sent. */
  add(ask: Ask<Owner>): void {
    const asks = this.#byFlow.get(ask.flow);
    if (asks === undefined) this.#byFlow.set(ask.flow, [ask]);
    else asks.push(ask);
    this.#queue.push(ask);
  }

  /**
   * The packet an answer belongs to. An answer that says neither identification nor timestamp goes to the waiting packet
   * with the highest TTL where the destination gave it (a SYN-ACK without options), since that is the surest to have
   * come so far. A router's (an IPv6 error that quotes too little) is of use only where one packet alone waits.
   */
  find(flow: ProbedFlow, answer: SweepAnswer): Ask<Owner> | undefined {
    const { identification, timestamp } = answer;
    const asks = this.#byFlow.get(flow)?.filter(({ answered }) => !answered) ?? [];
    if (identification !== undefined) {
      return asks.find(({ packet }) => packet.identification === identification);
    }
    if (timestamp !== undefined) return asks.find(({ packet }) => packet.timestamp === timestamp);
    const waiting = asks.filter(({ expired }) => !expired);
    if (answer.kind !== "destination" && waiting.length > 1) return undefined;
    return waiting.sort((a, b) => b.ttl - a.ttl)[0];
  }

  /** Hands out, once each, the packets whose time is up without an answer, and forgets the old ones. */
  expire(now: number, timeoutMs: number, each: (ask: Ask<Owner>) => void): void {
    let forget = 0;
    for (const ask of this.#queue) {
      const age = now - ask.packet.sentAt;
      if (age < timeoutMs) break;
      if (!ask.answered && !ask.expired) {
        ask.expired = true;
        each(ask);
      }
      if (age > REMEMBERED_MS) forget += 1;
    }
    for (const ask of this.#queue.splice(0, forget)) {
      const asks = this.#byFlow.get(ask.flow);
      asks?.splice(asks.indexOf(ask), 1);
      if (asks?.length === 0) this.#byFlow.delete(ask.flow);
    }
  }
}
