import type { ProbedFlow } from "../probed-flow.ts";
import type { ReceivedReply } from "./reply.ts";

/** A server waits at least this long before it repeats a SYN-ACK (RFC 6298 section 2.1 asks for a second). */
const REPEAT_MS = 500;
/** Copies of one packet come in this close together. */
const COPY_MS = 20;
/** Without an echoed timestamp a SYN-ACK is a repeat when nothing of the flow was sent for this long before it. */
const QUIET_MS = 400;
/** This many repeats of one SYN-ACK: each is answered by two resets, so not even a path that loses a third hides them all. */
const REPEATS = 2;

/** The connection that a server began last for a flow. */
interface Handshake {
  /** The server's initial sequence number, and the timestamp that its SYN-ACK echoed. */
  readonly sequence: number;
  readonly echo: number | undefined;
  readonly firstAt: number;
  lastAt: number;
  repeats: number;
  repeatedAt: number;
}

/**
 * Which servers repeat their SYN-ACK: the reset that ends a handshake does not get there. A repeat is told from the
 * answer to a newer SYN by the server's sequence number **and** by the timestamp of the first SYN that it echoes: servers
 * with SYN cookies choose the same sequence number again, but keep nothing, so they echo the newer one.
 */
export class HalfOpen {
  readonly #handshakes: WeakMap<ProbedFlow, Handshake> = new WeakMap();

  /**
   * Takes note of a genuine SYN-ACK of the flow.
   * @returns `repeat` of one that the flow's reset should have ended; `copy` of the packet before, which came in by two interfaces
   *   of this host (a bridge and its port, a VLAN, a bond); else `first`
   */
  take(
    flow: ProbedFlow,
    { sequence, timestampEcho }: Extract<ReceivedReply, { kind: "syn_ack" | "reset" }>,
    receivedAt: number,
  ): "first" | "repeat" | "copy" {
    const echo = timestampEcho === 0 ? undefined : timestampEcho;
    const known = this.#handshakes.get(flow);
    if (known === undefined || known.sequence !== sequence || known.echo !== echo) {
      const never = Number.NEGATIVE_INFINITY;
      const begun = { sequence, echo, repeats: 0, repeatedAt: never };
      const [firstAt, lastAt] = [receivedAt, receivedAt];
      this.#handshakes.set(flow, { ...begun, firstAt, lastAt });
      return "first";
    }
    const sinceLast = receivedAt - known.lastAt;
    known.lastAt = receivedAt;
    if (echo !== undefined && sinceLast < COPY_MS) return "copy";
    if (receivedAt - known.firstAt < REPEAT_MS) return "first";
    const quiet = receivedAt - flow.lastSentAt > Math.max(QUIET_MS, 2 * (flow.rttMs ?? 0));
    if (echo === undefined && !quiet) return "first";
    known.repeats += 1;
    known.repeatedAt = receivedAt;
    return "repeat";
  }

  /** Whether the server holds the flow's connection half open for certain; one repeat is enough of a flow that was unfinished before. */
  isCertain(flow: ProbedFlow): boolean {
    return (this.#handshakes.get(flow)?.repeats ?? 0) >= (flow.unfinished ? 1 : REPEATS);
  }

  /** When the flow's SYN-ACK was repeated last; minus infinity where its last one was not. */
  repeatedAt(flow: ProbedFlow): number {
    return this.#handshakes.get(flow)?.repeatedAt ?? Number.NEGATIVE_INFINITY;
  }
}
