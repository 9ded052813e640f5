import { foldChecksum, sumBytes } from "../checksum.ts";
import { readUint16, readUint32, writeUint16, writeUint32 } from "../octets.ts";
import { holds } from "./counter.ts";
import type { PacketMark, PayloadAnswer, ReflectorCounts, UdpPayload } from "./payload.ts";
import {
  EXTENSION,
  EXTENSION_HEADER,
  MALFORMED,
  ONE_SECOND,
  SENDER_COUNT_BYTES,
  STAMP,
  UNRECOGNISED,
  writeNtpTime,
} from "./stamp-fields.ts";

const LENGTH: number = STAMP.extensions + EXTENSION_HEADER + SENDER_COUNT_BYTES;
/** The shortest answer: TWAMP reflectors leave the zeros at the end out. */
const SHORTEST: number = STAMP.senderTtl + 1;
const TYPE: number = STAMP.extensions + 1;
const COUNTS: number = STAMP.extensions + EXTENSION_HEADER;
/** The low half of the timestamp's fraction, 15 microseconds and less: it makes up for whatever else changes. */
const MAKEUP: number = STAMP.timestamp + 6;
/** Packets of sweeps belong to a session of their own and have numbers of their own: they may die by intention. */
const SWEEP_SESSION = 0x8000;
const SWEEP = 0x8000_0000;

/** What the flows of one target share: its count of end-to-end probes. */
export interface StampSender {
  /** Unsigned 32 bits that nobody off the path knows; tells the sender's counts from those of others. */
  readonly id: number;
  /** End-to-end probes sent so far. */
  sent: number;
}

/**
 * A STAMP test packet (RFC 8762, stateful or stateless reflector, no authentication; a TWAMP Light reflector answers it
 * too). The first number is 1: a reflector that counts for itself is then behind by one, so that it can be told from
 * one that copies our numbers. An extension asks a reflector of this program's kind how many packets of all flows
 * it has received, which tells forward from return loss even for a flow of which nothing comes back.
 *
 * The timestamp is the time of sending to 15 microseconds; below that stands what keeps the checksum as it is. Whoever
 * repeats number and timestamp has seen the packet.
 */
export class StampPayload implements UdpPayload {
  readonly bytes: Uint8Array = new Uint8Array(LENGTH);
  readonly #sender: StampSender;
  readonly #session: number;
  /** The payload's sum that every packet keeps, see {@link sumOf}. */
  readonly #sum: number;
  /** The last packet, as it was sent. */
  readonly #out: Uint8Array;
  #sequence = 0;
  #sweeps = 0;
  /** The last end-to-end probe: its number and timestamp as sent, and its place in the sender's count. */
  #last: { number: Uint8Array; time: Uint8Array; identification: number; sweeps: number } = {
    number: new Uint8Array(4),
    time: new Uint8Array(8),
    identification: 0,
    sweeps: 0,
  };

  /** @param digest at least 4 keyed bytes of the flow */
  constructor(sender: StampSender, digest: Uint8Array) {
    this.#sender = sender;
    // Any number but 0, which says "no identifier"; the high bit is that of sweeps.
    this.#session = (readUint16(digest, 0) & 0x7fff) | 1;
    const { bytes } = this;
    writeUint16(bytes, STAMP.errorEstimate, ONE_SECOND);
    writeUint16(bytes, STAMP.session, this.#session);
    bytes[STAMP.extensions] = UNRECOGNISED;
    bytes[TYPE] = EXTENSION.padding;
    writeUint16(bytes, TYPE + 1, SENDER_COUNT_BYTES);
    writeUint16(bytes, MAKEUP, readUint16(digest, 2));
    this.#sum = sumOf(bytes, 0, LENGTH);
    this.#out = bytes.slice();
  }

  stamp(out: Uint8Array, offset: number, mark: PacketMark): void {
    const packet = this.#out;
    if (mark.endToEnd) this.#countProbe(packet);
    else this.#fillSweep(packet, mark.identification);
    writeNtpTime(packet, STAMP.timestamp, mark.wallMs);
    writeUint16(packet, MAKEUP, 0);
    writeUint16(packet, MAKEUP, this.#makeup(sumOf(packet, 0, LENGTH)));
    out.set(packet, offset);
    if (!mark.endToEnd) return;
    this.#last = {
      number: packet.slice(0, 4),
      time: packet.slice(STAMP.timestamp, STAMP.errorEstimate),
      identification: mark.identification,
      sweeps: this.#sweeps,
    };
  }

  read(bytes: Uint8Array, offset: number, end: number): PayloadAnswer | undefined {
    if (end - offset < SHORTEST) return undefined;
    const sequence = readUint32(bytes, offset + STAMP.senderSequence);
    if (sequence >= SWEEP) {
      if (!this.#repeatsSweep(bytes, offset, sequence)) return undefined;
      return { identification: sequence & 0xffff };
    }
    const { number, time, identification, sweeps } = this.#last;
    if (!holds(number, bytes, offset + STAMP.senderSequence, end)) return undefined;
    if (!holds(time, bytes, offset + STAMP.senderTimestamp, end)) return undefined;
    const shared = this.#senderCounts(bytes, offset, end);
    const answered = readUint32(bytes, offset);
    // A reflector that copies our number says nothing about what it has received.
    const own: ReflectorCounts | undefined =
      answered === sequence
        ? undefined
        : { epoch: sweeps, sent: sequence, received: answered, answered };
    return { identification, ...(shared && { shared }), ...(own && { own }) };
  }

  quoted(bytes: Uint8Array, offset: number, end: number): number | undefined {
    if (end - offset < 4) return undefined;
    const sequence = readUint32(bytes, offset);
    if (sequence >= SWEEP) return sequence & 0xffff;
    return holds(this.#last.number, bytes, offset, end) ? this.#last.identification : undefined;
  }

  #countProbe(packet: Uint8Array): void {
    this.#sequence = (this.#sequence + 1) % SWEEP;
    this.#sender.sent = (this.#sender.sent + 1) % 2 ** 32;
    writeUint32(packet, 0, this.#sequence);
    writeUint16(packet, STAMP.session, this.#session);
    packet[TYPE] = EXTENSION.senderCount;
    writeUint32(packet, COUNTS, this.#sender.id);
    writeUint32(packet, COUNTS + 4, this.#sender.sent);
  }

  #fillSweep(packet: Uint8Array, identification: number): void {
    this.#sweeps += 1;
    writeUint32(packet, 0, SWEEP + identification);
    writeUint16(packet, STAMP.session, this.#session | SWEEP_SESSION);
    packet[TYPE] = EXTENSION.padding;
    writeUint32(packet, COUNTS, 0);
    writeUint32(packet, COUNTS + 4, 0);
  }

  /** What has to stand in the payload beside words of this sum. */
  #makeup(sum: number): number {
    return (this.#sum + 0xffff - sum) % 0xffff;
  }

  /** Whether number and timestamp are together in a packet of a sweep of ours: the sum of all words is the flow's. */
  #repeatsSweep(bytes: Uint8Array, offset: number, sequence: number): boolean {
    const packet = this.bytes.slice();
    writeUint32(packet, 0, sequence);
    writeUint16(packet, STAMP.session, this.#session | SWEEP_SESSION);
    const start = offset + STAMP.senderTimestamp;
    packet.set(bytes.subarray(start, start + 8), STAMP.timestamp);
    return sumOf(packet, 0, LENGTH) === this.#sum;
  }

  #senderCounts(bytes: Uint8Array, offset: number, end: number): ReflectorCounts | undefined {
    const at = offset + STAMP.extensions;
    if (end - offset < LENGTH || ((bytes[at] ?? 0) & (UNRECOGNISED | MALFORMED)) !== 0) {
      return undefined;
    }
    const counts = offset + COUNTS;
    const understood =
      bytes[offset + TYPE] === EXTENSION.senderCount &&
      readUint16(bytes, offset + TYPE + 1) === SENDER_COUNT_BYTES &&
      readUint32(bytes, counts) === this.#sender.id;
    if (!understood) return undefined;
    const [sent, received, answered] = [4, 8, 12].map((field) => readUint32(bytes, counts + field));
    if (sent === undefined || received === undefined || answered === undefined) return undefined;
    return { epoch: 0, sent, received, answered };
  }
}

/** The ones' complement sum as a number below 0xffff, whose two zeros are one. */
function sumOf(bytes: Uint8Array, start: number, end: number): number {
  return (~foldChecksum(sumBytes(bytes, start, end)) & 0xffff) % 0xffff;
}
