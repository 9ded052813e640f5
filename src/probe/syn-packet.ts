import { flowLabelOf } from "../flow/flow-label.ts";
import type { Target } from "../flow/target.ts";
import type { Family } from "../packet/address.ts";
import { foldChecksum } from "../packet/checksum.ts";
import { IP_HEADER_BYTES, patchIp } from "../packet/ip.ts";
import { readUint32, writeUint16, writeUint32 } from "../packet/octets.ts";
import { SYN_TIMESTAMP_OFFSET } from "../packet/tcp.ts";
import { TCP_CHECKSUM_OFFSET, TCP_SEQUENCE_OFFSET } from "./probe-packet.ts";

/** Bytes of a SYN with its IP header. */
const SYN_BYTES = { 4: 60, 6: 80 } as const;
/** Of the first word of an IPv6 header, what is not its flow label. */
const ABOVE_LABEL = 0xfff00000;

/**
 * Where every SYN is made before it is sent: what the kernel reads of it and what is known of this memory is at hand then, which that of
 * each of thousands of targets would not be.
 */
const MADE = {
  4: wordsOf(Buffer.alloc(SYN_BYTES[4])),
  6: wordsOf(Buffer.alloc(SYN_BYTES[6])),
} as const;

/** What tells the SYNs of one flow of a target from those of another. */
export interface SynFlow {
  readonly sourcePort: number;
  /** Keyed initial sequence number. */
  readonly sequence: number;
  /** Ones' complement sum of the TCP segment with a timestamp of 0. */
  readonly synSum: number;
}

/** What the SYNs of all flows of a target have in common. */
export class SynPacket {
  readonly #family: Family;
  readonly #words: Int32Array;
  readonly #flowLabel: Target["flowLabel"];

  /** @param syn a SYN of any of the target's flows */
  constructor({ address, flowLabel }: Pick<Target, "address" | "flowLabel">, syn: Uint8Array) {
    this.#family = address.family;
    this.#flowLabel = flowLabel;
    this.#words = new Int32Array(SYN_BYTES[address.family] / 4);
    new Uint8Array(this.#words.buffer).set(syn.subarray(0, SYN_BYTES[address.family]));
  }

  /**
   * Makes a flow's SYN.
   * @param ttl hop limit, 1 to 255
   * @param identification IPv4 identification; never 0
   * @param timestamp unsigned 32-bit TSval
   * @returns the bytes to send, good until another SYN is made
   */
  stamp(flow: SynFlow, ttl: number, identification: number, timestamp: number): Buffer {
    const { bytes, words } = MADE[this.#family];
    const common = this.#words;
    for (let at = 0; at < common.length; at += 1) words[at] = common[at] ?? 0;
    if (this.#family === 6) {
      const label = flowLabelOf(this.#flowLabel, flow.sourcePort);
      writeUint32(bytes, 0, (readUint32(bytes, 0) & ABOVE_LABEL) | label);
    }
    patchIp(bytes, 0, ttl, identification);
    const tcp = IP_HEADER_BYTES[this.#family];
    writeUint16(bytes, tcp, flow.sourcePort);
    writeUint32(bytes, tcp + TCP_SEQUENCE_OFFSET, flow.sequence);
    writeUint32(bytes, tcp + SYN_TIMESTAMP_OFFSET, timestamp);
    const sum = flow.synSum + (timestamp >>> 16) + (timestamp & 0xffff);
    writeUint16(bytes, tcp + TCP_CHECKSUM_OFFSET, foldChecksum(sum));
    return bytes;
  }

  /** Reads what {@link stamp} will need. @returns a number without a meaning */
  glance(): number {
    return this.#words[0] ?? 0;
  }
}

function wordsOf(bytes: Buffer): { readonly bytes: Buffer; readonly words: Int32Array } {
  return { bytes, words: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) };
}
