import type { SentPacket } from "../probe/observer.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { SweepAnswer } from "../probe/reply/match.ts";
import type { PacedProbe } from "./paced-probe.ts";

/** An answer this long after its packet still tells a hop, though the packet no longer waits for it. */
const REMEMBERED_MS = 5000;

/** One TTL-limited packet on its way. */
export interface OutstandingProbe<Owner> {
  readonly owner: Owner;
  readonly flow: ProbedFlow;
  readonly ttl: number;
  readonly packet: SentPacket;
  /** Undefined for the packet that probes the destination itself. */
  readonly paced: PacedProbe | undefined;
  answered: boolean;
  /** Its time is up: silence has been told. */
  expired: boolean;
}

/** The TTL-limited packets that may still be answered, by flow, in the order they were sent. */
export class OutstandingProbes<Owner> {
  readonly #byFlow: Map<ProbedFlow, OutstandingProbe<Owner>[]> = new Map();
  readonly #queue: OutstandingProbe<Owner>[] = [];
  /** Grows whenever a packet is sent, is answered or met silence. */
  changes = 0;
  /** Of so many at the head of the queue the time is up. */
  #timedOut = 0;

  /** Registers a packet that was sent. */
  add(probe: OutstandingProbe<Owner>): void {
    this.changes += 1;
    const probes = this.#byFlow.get(probe.flow);
    if (probes === undefined) this.#byFlow.set(probe.flow, [probe]);
    else probes.push(probe);
    this.#queue.push(probe);
  }

  /**
   * The packet an answer belongs to. An answer that says neither identification nor timestamp goes to the waiting packet
   * with the highest TTL where the destination gave it (a SYN-ACK without options), since that is the surest to have
   * come so far. A router's (an IPv6 error that quotes too little) is of use only where one packet alone waits.
   */
  find(flow: ProbedFlow, answer: SweepAnswer): OutstandingProbe<Owner> | undefined {
    this.changes += 1;
    const { identification, timestamp } = answer;
    const probes = this.#byFlow.get(flow)?.filter(({ answered }) => !answered) ?? [];
    if (identification !== undefined) {
      return probes.find(
        ({ packet }) =>
          packet.identification === identification &&
          (timestamp === undefined || packet.timestamp === timestamp),
      );
    }
    if (timestamp !== undefined) return probes.find(({ packet }) => packet.timestamp === timestamp);
    const waiting = probes.filter(({ expired }) => !expired);
    if (answer.kind !== "destination" && waiting.length > 1) return undefined;
    return waiting.sort((a, b) => b.ttl - a.ttl)[0];
  }

  /** Hands out, once each, the packets whose time is up without an answer, and forgets the old ones. */
  expire(now: number, timeoutMs: number, each: (probe: OutstandingProbe<Owner>) => void): void {
    const ageOf = (at: number): number =>
      now - (this.#queue[at]?.packet.sentAt ?? Number.POSITIVE_INFINITY);
    for (; ageOf(this.#timedOut) >= timeoutMs; this.#timedOut += 1) {
      const probe = this.#queue[this.#timedOut];
      if (probe === undefined || probe.answered) continue;
      probe.expired = true;
      this.changes += 1;
      each(probe);
    }
    let forget = 0;
    while (forget < this.#timedOut && ageOf(forget) > REMEMBERED_MS) forget += 1;
    if (forget === 0) return;
    this.#timedOut -= forget;
    for (const probe of this.#queue.splice(0, forget)) {
      const probes = this.#byFlow.get(probe.flow);
      probes?.splice(probes.indexOf(probe), 1);
      if (probes?.length === 0) this.#byFlow.delete(probe.flow);
    }
  }
}
