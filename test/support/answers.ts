import {
  echoReply,
  tcpPacket,
  timeExceeded,
  timestamps,
  udpPacket,
  unreachable,
} from "./packet-builder.ts";
import type { SentPacket } from "./sent-packet.ts";

/** Addresses and ports of whoever answers a probe. */
function back(sent: SentPacket): {
  from: string;
  to: string;
  sourcePort: number;
  destinationPort: number;
} {
  return {
    from: sent.to,
    to: sent.from,
    sourcePort: sent.destinationPort,
    destinationPort: sent.sourcePort,
  };
}

/** What differs from a well-behaved server. */
export interface SegmentQuirks {
  /** Acknowledges this much more than the sequence number; 1 if absent. */
  readonly acknowledges?: number;
  /** TSecr; the probe's TSval if absent, no timestamps option for `null`. */
  readonly echo?: number | null;
  /** The server's own sequence number; always the same if absent. */
  readonly sequence?: number;
}

/** The SYN-ACK of a listening server. */
export function synAck(sent: SentPacket, quirks: SegmentQuirks = {}): Uint8Array {
  const { acknowledges = 1, echo = sent.timestamp, sequence = 0x1234_5678 } = quirks;
  return tcpPacket({
    ...back(sent),
    sequence,
    acknowledgement: (sent.sequence + acknowledges) % 2 ** 32,
    flags: ["syn", "ack"],
    options: echo === null ? [] : timestamps(0x7777, echo),
  });
}

/** The RST of a closed port: without options, as Linux sends it. */
export function reset(sent: SentPacket, quirks: SegmentQuirks = {}): Uint8Array {
  const { acknowledges = 1, echo = null } = quirks;
  return tcpPacket({
    ...back(sent),
    acknowledgement: (sent.sequence + acknowledges) % 2 ** 32,
    flags: ["rst", "ack"],
    window: 0,
    options: echo === null ? [] : timestamps(0x7777, echo),
  });
}

/** A UDP answer; it repeats the probe's payload if none is given. */
export function datagram(sent: SentPacket, payload: Uint8Array = sent.payload): Uint8Array {
  return udpPacket({ ...back(sent), payload });
}

/** The answer to a ping. */
export function pong(
  sent: SentPacket,
  changes: { sequence?: number; payload?: Uint8Array } = {},
): Uint8Array {
  const { sequence = sent.sequence, payload = sent.payload } = changes;
  return echoReply({ ...back(sent), identifier: sent.sourcePort, sequence, payload });
}

/** How a router alters what it reports. */
export interface ErrorQuirks {
  readonly code?: number;
  /** Bytes quoted; all if absent. */
  readonly quoteBytes?: number;
  /** The quoted packet, where it is not the one sent. */
  readonly quoted?: Uint8Array;
}

/** "Time exceeded" of a router. */
export function expiredAt(router: string, sent: SentPacket, quirks: ErrorQuirks = {}): Uint8Array {
  return timeExceeded({
    from: router,
    to: sent.from,
    quoted: sent.bytes,
    // IPv4 routers need not quote more (RFC 792), IPv6 routers quote all of it (RFC 4443 section 2.4).
    ...(sent.family === 4 ? { quoteBytes: 28 } : {}),
    ...quirks,
  });
}

/** "Destination unreachable", port unreachable unless `code` says otherwise. */
export function refusedBy(sender: string, sent: SentPacket, quirks: ErrorQuirks = {}): Uint8Array {
  return unreachable({ from: sender, to: sent.from, quoted: sent.bytes, ...quirks });
}
