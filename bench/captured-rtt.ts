import type { CapturedPacket } from "../test/lab/capture.ts";

/** A probe as the kernel saw it leave and its answer come. */
export interface CapturedProbe {
  readonly sourcePort: number;
  /** When it left, seconds since the epoch. */
  readonly sentAt: number;
  /** Round-trip time, milliseconds. */
  readonly rttMs: number;
}

const SYN = 2;
const SYN_ACK = 18;
/** What has less is a packet of a trace. */
const END_TO_END_TTL = 64;

/** SYNs that were answered, each with its own answer by ports and acknowledged sequence number. */
export function capturedProbes(packets: readonly CapturedPacket[]): CapturedProbe[] {
  const waiting = new Map<string, CapturedPacket>();
  const probes: CapturedProbe[] = [];
  for (const packet of packets) {
    if (packet.flags === SYN && packet.ttl === END_TO_END_TTL && packet.sequence !== undefined) {
      waiting.set(`${packet.sourcePort} ${(packet.sequence + 1) >>> 0}`, packet);
    } else if (packet.flags === SYN_ACK) {
      const key = `${packet.destinationPort} ${acknowledged(packet)}`;
      const sent = waiting.get(key);
      // An answer that is repeated counts once.
      waiting.delete(key);
      if (sent === undefined) continue;
      const rttMs = (packet.time - sent.time) * 1000;
      probes.push({ sourcePort: sent.sourcePort, sentAt: sent.time, rttMs });
    }
  }
  return probes;
}

/** Acknowledgement number of a TCP segment over IPv4 (RFC 9293 section 3.1). */
function acknowledged({ bytes }: CapturedPacket): number {
  const header = ((bytes[0] ?? 0) & 15) * 4;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(header + 8);
}
