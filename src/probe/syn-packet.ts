import { flowLabelOf } from "../flow/flow-label.ts";
import type { Target } from "../flow/target.ts";
import type { Address } from "../packet/address.ts";
import { foldChecksum } from "../packet/checksum.ts";
import { IP_HEADER_BYTES, IP_PROTOCOL, patchIp, writeIp } from "../packet/ip.ts";
import { readUint16, readUint32, writeUint16, writeUint32 } from "../packet/octets.ts";
import { SYN_TIMESTAMP_OFFSET, writeSyn } from "../packet/tcp.ts";
import { TCP_CHECKSUM_OFFSET, TCP_SEQUENCE_OFFSET } from "./probe-packet.ts";

/** Bytes of a SYN with its IP header. */
const SYN_BYTES = { 4: 60, 6: 80 } as const;
/** Where things stand in an IPv4 header (RFC 791 section 3.1), and the port behind it. */
const IPV4 = { dscp: 1, id: 4, ttl: 8, checksum: 10, source: 12, destination: 16 } as const;
const DESTINATION_PORT: number = IP_HEADER_BYTES[4] + 2;
/** Of the first word of an IPv6 header, what is not its flow label. */
const ABOVE_LABEL = 0xfff00000;

/**
 * Where every SYN is made before it is sent: what the kernel reads of it and what is known of this memory is at hand then, which that of
 * each of thousands of targets would not be.
 */
const MADE = { 4: ipv4Syn(), 6: wordsOf(Buffer.alloc(SYN_BYTES[6])) } as const;
/** Sum of what is the same in all IPv4 headers here. */
const IPV4_SUM: number =
  readUint16(MADE[4], 0) + readUint16(MADE[4], 2) + readUint16(MADE[4], 6) + IP_PROTOCOL.tcp;

/** What tells the SYNs of one flow of a target from those of another. */
export interface SynFlow {
  readonly sourcePort: number;
  /** Keyed initial sequence number. */
  readonly sequence: number;
  /** Ones' complement sum of the TCP segment with a timestamp of 0. */
  readonly synSum: number;
}

/** What tells the SYNs to one target from those to another over IPv4: numbers that its probes read anyhow. */
export interface Ipv4Ends {
  /** This host's address and the target's as 32-bit numbers, signed or not. */
  readonly localNumber: number | undefined;
  readonly remoteNumber: number | undefined;
  readonly port: number;
  readonly dscp: number;
}

/**
 * Makes a flow's SYN over IPv4.
 * @param ttl 1 to 255
 * @param identification never 0
 * @param timestamp unsigned 32-bit TSval
 * @returns the bytes to send, good until another SYN is made
 */
export function stampIpv4Syn(
  { localNumber = 0, remoteNumber = 0, port, dscp }: Ipv4Ends,
  flow: SynFlow,
  ttl: number,
  identification: number,
  timestamp: number,
): Buffer {
  const bytes = MADE[4];
  bytes[IPV4.dscp] = dscp << 2;
  writeUint16(bytes, IPV4.id, identification);
  bytes[IPV4.ttl] = ttl;
  writeUint32(bytes, IPV4.source, localNumber);
  writeUint32(bytes, IPV4.destination, remoteNumber);
  const ends = halves(localNumber) + halves(remoteNumber);
  const sum = IPV4_SUM + (dscp << 2) + identification + (ttl << 8) + ends;
  writeUint16(bytes, IPV4.checksum, foldChecksum(sum));
  writeUint16(bytes, DESTINATION_PORT, port);
  writeSegment(bytes, IP_HEADER_BYTES[4], flow, timestamp);
  return bytes;
}

/** What the SYNs of all flows of a target have in common over IPv6. */
export class SynPacket {
  readonly #words: Int32Array;
  readonly #flowLabel: Target["flowLabel"];

  /** @param syn a SYN of any of the target's flows */
  constructor({ flowLabel }: Pick<Target, "flowLabel">, syn: Uint8Array) {
    this.#flowLabel = flowLabel;
    this.#words = new Int32Array(SYN_BYTES[6] / 4);
    new Uint8Array(this.#words.buffer).set(syn.subarray(0, SYN_BYTES[6]));
  }

  /** Makes a flow's SYN; see {@link stampIpv4Syn}. */
  stamp(flow: SynFlow, ttl: number, identification: number, timestamp: number): Buffer {
    const { bytes, words } = MADE[6];
    const common = this.#words;
    for (let at = 0; at < common.length; at += 1) words[at] = common[at] ?? 0;
    const label = flowLabelOf(this.#flowLabel, flow.sourcePort);
    writeUint32(bytes, 0, (readUint32(bytes, 0) & ABOVE_LABEL) | label);
    patchIp(bytes, 0, ttl, identification);
    writeSegment(bytes, IP_HEADER_BYTES[6], flow, timestamp);
    return bytes;
  }

  /** Reads what {@link stamp} will need. @returns a number without a meaning */
  glance(): number {
    return this.#words[0] ?? 0;
  }
}

/** Writes what tells one SYN of a target from another. @param tcp where the TCP header begins */
function writeSegment(bytes: Uint8Array, tcp: number, flow: SynFlow, timestamp: number): void {
  writeUint16(bytes, tcp, flow.sourcePort);
  writeUint32(bytes, tcp + TCP_SEQUENCE_OFFSET, flow.sequence);
  writeUint32(bytes, tcp + SYN_TIMESTAMP_OFFSET, timestamp);
  const sum = flow.synSum + halves(timestamp);
  writeUint16(bytes, tcp + TCP_CHECKSUM_OFFSET, foldChecksum(sum));
}

/** The two words of 16 bits that a number of 32 consists of, added up. */
function halves(number: number): number {
  return (number >>> 16) + (number & 0xffff);
}

/** A SYN with nothing that tells it from others. */
function ipv4Syn(): Buffer {
  const nobody: Address = { family: 4, text: "0.0.0.0", bytes: new Uint8Array(4) };
  const bytes = Buffer.alloc(SYN_BYTES[4]);
  const payloadLength = SYN_BYTES[4] - IP_HEADER_BYTES[4];
  const ends = { source: nobody, destination: nobody };
  const header = { ...ends, protocol: IP_PROTOCOL.tcp, payloadLength };
  writeIp(bytes, 0, { ...header, dscp: 0, id: 0, hopLimit: 0, flowLabel: 0 });
  const ports = { sourcePort: 0, destinationPort: 0 };
  writeSyn(bytes, IP_HEADER_BYTES[4], { ...ports, sequence: 0, timestamp: 0 }, nobody, nobody);
  return bytes;
}

function wordsOf(bytes: Buffer): { readonly bytes: Buffer; readonly words: Int32Array } {
  return { bytes, words: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) };
}
