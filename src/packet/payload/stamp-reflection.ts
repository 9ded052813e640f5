import { readUint16, readUint32, writeUint16, writeUint32 } from "../octets.ts";
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

/** The shortest test packet that is answered. An answer cannot be shorter than its fields, and must not be longer. */
export const SHORTEST_REQUEST: number = STAMP.extensions;

/** The hop limit of a request where it cannot be had (RFC 5357, 4.2.1). */
export const UNKNOWN_TTL = 255;

const DIRECT_MEASUREMENT_BYTES = 12;

/** Packets of one count, the one that is being answered included in both. */
export interface SessionCounts {
  received: number;
  answered: number;
}

/** What a reflector adds to a request. */
export interface Reflection {
  /** When the request came and when the answer leaves, milliseconds since 1970. */
  readonly receivedAt: number;
  readonly answeredAt: number;
  /** Of the session: addresses, ports and the session identifier. */
  readonly session: Readonly<SessionCounts>;
  /** Of a sender over all its ports, by the number it gives itself. */
  readonly sender: (id: number) => Readonly<SessionCounts>;
  /** TTL or hop limit of the request, {@link UNKNOWN_TTL} where it cannot be had. */
  readonly ttl: number;
}

/** A clock may be wrong by this much and still tell a time from anything else. */
const NEARLY_NOW_S = 3600;

/**
 * Whether a packet is an answer: where it says when its request was received, a request has zeros, or a TWAMP sender's
 * padding. @param wallMs now, milliseconds since 1970
 */
export function looksReflected(packet: Uint8Array, wallMs: number): boolean {
  const now = new Uint8Array(8);
  writeNtpTime(now, 0, wallMs);
  const apart = Math.abs(readUint32(packet, STAMP.received) - readUint32(now, 0));
  return Math.min(apart, 2 ** 32 - apart) <= NEARLY_NOW_S;
}

/** The session identifier of a request (RFC 8972, 3); 0 for none. */
export function sessionOf(request: Uint8Array): number {
  return readUint16(request, STAMP.session);
}

/** The number of the sender whose counts a request asks for; undefined where it asks for none. */
export function senderOf(request: Uint8Array): number | undefined {
  let found: number | undefined;
  eachExtension(request, (at, type, length, whole) => {
    if (type !== EXTENSION.senderCount || length !== SENDER_COUNT_BYTES || !whole) return;
    const value = at + EXTENSION_HEADER;
    found ??= readUint32(request, value);
  });
  return found;
}

/**
 * Turns a request into its answer, in place: as long as the request, so that nobody gains by asking with the address
 * of somebody else. The sequence number is the reflector's own (RFC 8762, 4.3.1, stateful): the first answer has 0.
 * @param packet at least {@link SHORTEST_REQUEST} bytes
 */
export function reflect(packet: Uint8Array, reflection: Reflection): void {
  const { session, ttl } = reflection;
  packet.copyWithin(STAMP.senderSequence, 0, STAMP.session);
  // Unsigned 32 bits: behind the last number comes 0 again.
  writeUint32(packet, 0, session.answered - 1);
  writeUint16(packet, STAMP.errorEstimate, ONE_SECOND);
  writeNtpTime(packet, STAMP.received, reflection.receivedAt);
  packet.fill(0, STAMP.senderErrorEstimate + 2, STAMP.extensions);
  packet[STAMP.senderTtl] = ttl;
  eachExtension(packet, (at, type, length, whole) => {
    packet[at] = flagsOf(packet, at, type, length, whole, reflection);
  });
  writeNtpTime(packet, STAMP.timestamp, reflection.answeredAt);
}

/** Fills an extension in and says what its flags are afterwards. */
function flagsOf(
  packet: Uint8Array,
  at: number,
  type: number,
  length: number,
  whole: boolean,
  { session, sender }: Reflection,
): number {
  const value = at + EXTENSION_HEADER;
  if (!whole) return MALFORMED;
  switch (type) {
    case EXTENSION.padding:
      return 0;
    case EXTENSION.directMeasurement:
      if (length !== DIRECT_MEASUREMENT_BYTES) return MALFORMED;
      writeUint32(packet, value + 4, session.received);
      writeUint32(packet, value + 8, session.answered);
      return 0;
    case EXTENSION.senderCount: {
      if (length !== SENDER_COUNT_BYTES) return MALFORMED;
      const counts = sender(readUint32(packet, value));
      writeUint32(packet, value + 8, counts.received);
      writeUint32(packet, value + 12, counts.answered);
      return 0;
    }
    default:
      return UNRECOGNISED;
  }
}

/**
 * Walks over the extensions. `whole` is false for one whose length says more than there is, which is the last. Zeros are
 * no extension but the padding of a TWAMP sender, and end the walk.
 */
function eachExtension(
  packet: Uint8Array,
  each: (at: number, type: number, length: number, whole: boolean) => void,
): void {
  let at = STAMP.extensions;
  while (packet.length - at >= EXTENSION_HEADER) {
    const type = packet[at + 1] ?? 0;
    if (type === 0) return;
    const length = readUint16(packet, at + 2);
    const next = at + EXTENSION_HEADER + length;
    const whole = next <= packet.length;
    each(at, type, length, whole);
    if (!whole) return;
    at = next;
  }
}
