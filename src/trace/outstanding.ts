import type { SentPacket } from "../probe/observer.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { SweepAnswer } from "../probe/reply/match.ts";
import type { PacedProbe } from "./hop-pacer.ts";

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

  /** Registers a packet that was sent. */
  add(probe: OutstandingProbe<Owner>): void {
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
    let forget = 0;
    for (const probe of this.#queue) {
      const age = now - probe.packet.sentAt;
      if (age < timeoutMs) break;
      if (!probe.answered && !probe.expired) {
        probe.expired = true;
        each(probe);
      }
      if (age > REMEMBERED_MS) forget += 1;
    }
    for (const probe of this.#queue.splice(0, forget)) {
      const probes = this.#byFlow.get(probe.flow);
      probes?.splice(probes.indexOf(probe), 1);
      if (probes?.length === 0) this.#byFlow.delete(probe.flow);
    }
  }
}
