import { flowLabelOf } from "../flow/flow-label.ts";
import type { Target } from "../flow/target.ts";
import { foldChecksum } from "../packet/checksum.ts";
import { writeEcho } from "../packet/icmp.ts";
import { IP_HEADER_BYTES, IP_PROTOCOL, patchIp, writeIp } from "../packet/ip.ts";
import type { IpFields } from "../packet/ip-header.ts";
import { writeUint16, writeUint32 } from "../packet/octets.ts";
import type { UdpPayload } from "../packet/payload/payload.ts";
import { PlainPayload } from "../packet/payload/plain.ts";
import type { Quote } from "../packet/quote.ts";
import { RESET_BYTES, SYN_TIMESTAMP_OFFSET, writeReset, writeSyn } from "../packet/tcp.ts";
import { UDP_HEADER_BYTES, writeUdp } from "../packet/udp.ts";
import { ttlOf } from "./probe-id.ts";

/** Hop limit of an end-to-end probe: Linux's default for what it sends itself. */
export const END_TO_END_TTL = 64;

/** A SYN or an echo request with its IP header, with room to spare. */
const SMALL_PACKET_BYTES = 128;
/** Where the sequence number stands in a TCP header, in bytes. */
export const TCP_SEQUENCE_OFFSET = 4;
/** Where the checksum does. */
export const TCP_CHECKSUM_OFFSET = 16;
/** The same of what {@link ProbePacket.stamp} writes into an echo request. */
const ICMP_SEQUENCE_OFFSET = 6;
const ICMP_COMPLEMENT_OFFSET = 8 + 8;

/** The IP protocol number of a target's probes. */
export function protocolNumber(target: Pick<Target, "protocol" | "address">): number {
  if (target.protocol === "icmp") {
    return target.address.family === 4 ? IP_PROTOCOL.icmp : IP_PROTOCOL.icmpv6;
  }
  return IP_PROTOCOL[target.protocol];
}

/** Which packet of its flow a quoted one is; both undefined where the quote ends before it could tell. */
export interface QuotedIdentity {
  /** See `identify`. */
  readonly identification: number | undefined;
  /** TSval, where the quote has no identification. */
  readonly timestamp: number | undefined;
}

/**
 * One flow's packet, built once and patched for every sending. What routers may hash never changes within a flow:
 * addresses, flow label, ports, the TCP sequence number, the UDP and ICMP checksums. What does change tells the packets
 * of a flow apart: the IPv4 identification, the TCP timestamp, and in UDP and ICMP payloads a counter and its
 * complement, which cancel in the checksum.
 *
 *     TCP   IP(ttl, id) │ SYN, sequence = keyed │ options: … TSval = stamp …
 *     UDP   IP(ttl, id) │ ports │ payload, mostly with keyed bytes, counter, ~counter
 *     ICMP  IP(ttl, id) │ echo, identifier, sequence = counter │ keyed 8 bytes │ ~counter
 *
 * IPv6 has no identification. There a quote tells by what stands further back: errors quote as much as fits in 1280
 * bytes (RFC 4443 section 2.4), so all of a probe.
 */
export class ProbePacket {
  /** The bytes to send. */
  readonly bytes: Buffer;
  /** Keyed initial sequence number of a TCP flow (RFC 9293, 3.4.1). */
  readonly sequence: number;
  /** The UDP or ICMP checksum, the same in every packet of the flow. */
  readonly checksum: number;
  /** Eight bytes of a UDP or ICMP payload that nobody off the path knows; undefined for TCP. */
  readonly key: Buffer | undefined;
  /** What a UDP probe says; undefined for other protocols. */
  readonly payload: UdpPayload | undefined;
  readonly #protocol: Target["protocol"];
  readonly #transport: number;
  /** Ones' complement sum of the TCP segment with a timestamp of 0. */
  readonly sum: number;

  /**
   * @param digest twelve keyed bytes of the flow, see {@link FlowKeyer.digest}
   * @param payload what the packets of a UDP flow say; keyed bytes unless given
   */
  constructor(
    target: Target,
    sourcePort: number,
    digest: Buffer,
    { payload }: { readonly payload?: UdpPayload } = {},
  ) {
    const { protocol, address } = target;
    this.#protocol = protocol;
    this.sequence = digest.readUInt32BE(8);
    this.key = protocol === "tcp" ? undefined : digest.subarray(0, 8);
    this.payload = protocol === "udp" ? (payload ?? new PlainPayload(digest)) : undefined;
    this.#transport = IP_HEADER_BYTES[address.family];
    const udpBytes = this.#transport + UDP_HEADER_BYTES + (this.payload?.bytes.length ?? 0);
    const room = Buffer.alloc(protocol === "udp" ? udpBytes : SMALL_PACKET_BYTES);
    const body = room.subarray(this.#transport);
    const bodyBytes = this.#writeBody(body, target, sourcePort, digest);
    const length = writeIp(room, 0, ipFields(target, sourcePort, bodyBytes)) + bodyBytes;
    this.checksum = body.readUInt16BE(CHECKSUM_OFFSETS[protocol]);
    this.sum = ~this.checksum & 0xffff;
    // Of tens of thousands of flows each with memory of its own, keeping account of it would cost more than the bytes do.
    this.bytes = Buffer.from(room.subarray(0, length));
  }

  /** Reads what {@link stamp} will need. @returns a number without a meaning */
  glance(): number {
    return this.sum + (this.bytes[0] ?? 0);
  }

  /** How many bytes they are. */
  get length(): number {
    return this.bytes.length;
  }

  /**
   * Makes the bytes ready to send.
   * @param ttl hop limit, 1 to 255
   * @param identification IPv4 identification, counter and sequence number; never 0
   * @param timestamp unsigned 32-bit TSval of a TCP probe
   * @param wallMs milliseconds since 1970, for payloads that say when they were sent
   */
  stamp(ttl: number, identification: number, timestamp: number, wallMs = 0): void {
    patchIp(this.bytes, 0, ttl, identification);
    const at = this.#transport;
    if (this.#protocol === "tcp") {
      writeUint32(this.bytes, at + SYN_TIMESTAMP_OFFSET, timestamp);
      const checksum = foldChecksum(this.sum + (timestamp >>> 16) + (timestamp & 0xffff));
      writeUint16(this.bytes, at + TCP_CHECKSUM_OFFSET, checksum);
      return;
    }
    if (this.#protocol === "udp") {
      const mark = { identification, endToEnd: ttlOf(identification) === 0, wallMs };
      this.payload?.stamp(this.bytes, at + UDP_HEADER_BYTES, mark);
      return;
    }
    this.bytes.writeUInt16BE(identification, at + ICMP_SEQUENCE_OFFSET);
    this.bytes.writeUInt16BE(~identification & 0xffff, at + ICMP_COMPLEMENT_OFFSET);
  }

  /** Reads from a quote of the flow what {@link stamp} wrote. @param bytes the array that was read */
  identityIn(quote: Quote, bytes: Uint8Array): QuotedIdentity {
    const { ip, sequence } = quote;
    if (ip.family === 4 || this.#protocol === "tcp") return synIdentityIn(quote);
    if (this.#protocol === "icmp") return { identification: sequence, timestamp: undefined };
    const identification = this.payload?.quoted(
      bytes,
      ip.payloadOffset + UDP_HEADER_BYTES,
      ip.payloadEnd,
    );
    return { identification, timestamp: undefined };
  }

  #writeBody(body: Buffer, target: Target, sourcePort: number, digest: Buffer): number {
    const { source, address, port: destinationPort } = target;
    switch (target.protocol) {
      case "tcp": {
        const fields = { sourcePort, destinationPort, sequence: this.sequence, timestamp: 0 };
        return writeSyn(body, 0, fields, source, address);
      }
      case "udp": {
        const payload = this.payload?.bytes ?? new Uint8Array(0);
        const fields = { sourcePort, destinationPort, payload };
        return writeUdp(body, 0, fields, source, address);
      }
      case "icmp": {
        const fields = { identifier: sourcePort, sequence: 0, payload: echoPayload(digest) };
        return writeEcho(body, 0, fields, address.family, source, address);
      }
    }
  }
}

/** Which packet of a TCP flow a quoted one is. */
export function synIdentityIn({ ip, timestamp }: Quote): QuotedIdentity {
  if (ip.family === 4) return { identification: ip.id, timestamp: undefined };
  return { identification: undefined, timestamp };
}

/** Where the checksum stands in each transport header. */
const CHECKSUM_OFFSETS = { tcp: TCP_CHECKSUM_OFFSET, udp: 6, icmp: 2 } as const;

/** The keyed bytes and the complement of sequence number 0. */
function echoPayload(digest: Uint8Array): Uint8Array {
  return Uint8Array.of(...digest.subarray(0, 8), 0xff, 0xff);
}

/** The IP header of a flow's packets. */
function ipFields(target: Target, sourcePort: number, payloadLength: number): IpFields {
  return {
    source: target.source,
    destination: target.address,
    protocol: protocolNumber(target),
    hopLimit: END_TO_END_TTL,
    dscp: target.dscp,
    id: 0,
    flowLabel: flowLabelOf(target.flowLabel, sourcePort),
    payloadLength,
  };
}

/**
 * The reset of a TCP flow. This host's kernel answers a SYN-ACK by one as well, but in IPv6 with a flow label of its own:
 * where routers hash labels it takes another path, which may be broken.
 * @param sequence of the flow's SYN
 */
export function resetPacket(target: Target, sourcePort: number, sequence: number): Buffer {
  const { source, address, port: destinationPort } = target;
  const header = IP_HEADER_BYTES[address.family];
  const packet = Buffer.alloc(header + RESET_BYTES);
  const fields = { sourcePort, destinationPort, sequence };
  const length = writeReset(packet, header, fields, source, address);
  writeIp(packet, 0, ipFields(target, sourcePort, length));
  return packet;
}
