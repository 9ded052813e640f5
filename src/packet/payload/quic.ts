import { writeUint16, writeUint32 } from "../octets.ts";
import { COUNTER_BYTES, holds, readCounter, writeCounter } from "./counter.ts";
import type { PacketMark, PayloadAnswer, UdpPayload } from "./payload.ts";

/** Servers answer an unknown version only where the datagram is as large as a first packet must be (RFC 9000, 6.1). */
const LENGTH = 1200;
/** A long header with the fixed bit (RFC 9000, 17.2). */
const LONG_HEADER = 0xc0;
const LONG_HEADER_BIT = 0x80;
/** Versions 0x?a?a?a?a are reserved to provoke version negotiation (RFC 9000, 15). */
const NO_VERSION = 0x1a2a3a4a;
const CONNECTION_ID_BYTES = 8;
const KEY_BYTES = 4;

/*
 * RFC 8999 section 5.1, the header that no version changes, offsets in bytes:
 *   0 first byte   1 version   5 length of destination id (8)   6 destination id   14 length of source id (9)   15 source id
 */
const VERSION = 1;
const DESTINATION = 5;
const SOURCE_ID_LENGTH: number = DESTINATION + 1 + CONNECTION_ID_BYTES;

/** The key in the source connection id ends at an odd offset; one more byte lets the counter be whole checksum words. */
const COUNTER: number = SOURCE_ID_LENGTH + 1 + KEY_BYTES + 1;
const SOURCE_ID_BYTES: number = KEY_BYTES + 1 + COUNTER_BYTES;
/** Length of the token (none) and length of the rest, as version 1 has them behind the header (RFC 9000, 17.2.2). */
const TOKEN: number = SOURCE_ID_LENGTH + 1 + SOURCE_ID_BYTES;
const REST: number = TOKEN + 1;
/** Says that a length takes two bytes (RFC 9000, 16). */
const TWO_BYTES = 0x4000;

/**
 * A first packet of a QUIC version that nobody speaks. The server answers with Version Negotiation (RFC 8999, 6), in
 * which both connection ids come back swapped: eight keyed bytes in one, a key, the counter and its complement in the
 * other. The server keeps no state.
 */
export class QuicPayload implements UdpPayload {
  readonly bytes: Uint8Array = new Uint8Array(LENGTH);
  readonly #destination: Uint8Array;
  readonly #source: Uint8Array;

  /** @param digest at least 12 keyed bytes of the flow */
  constructor(digest: Uint8Array) {
    this.#destination = digest.slice(0, CONNECTION_ID_BYTES);
    this.#source = digest.slice(CONNECTION_ID_BYTES, CONNECTION_ID_BYTES + KEY_BYTES);
    const { bytes } = this;
    bytes[0] = LONG_HEADER;
    writeUint32(bytes, VERSION, NO_VERSION);
    bytes[DESTINATION] = CONNECTION_ID_BYTES;
    bytes.set(this.#destination, DESTINATION + 1);
    bytes[SOURCE_ID_LENGTH] = SOURCE_ID_BYTES;
    bytes.set(this.#source, SOURCE_ID_LENGTH + 1);
    writeCounter(bytes, COUNTER, 0);
    // No server reads on behind an unknown version, but whoever watches may: the packet is as long as it says.
    writeUint16(bytes, REST, TWO_BYTES | (LENGTH - REST - 2));
  }

  stamp(out: Uint8Array, offset: number, { identification }: PacketMark): void {
    writeCounter(out, offset + COUNTER, identification);
  }

  read(bytes: Uint8Array, offset: number, end: number): PayloadAnswer | undefined {
    if (((bytes[offset] ?? 0) & LONG_HEADER_BIT) === 0) return undefined;
    const version = offset + VERSION;
    // Version Negotiation is the long header with version 0.
    if (!holds(new Uint8Array(4), bytes, version, end)) return undefined;
    const ours = offset + DESTINATION;
    const theirs = ours + 1 + SOURCE_ID_BYTES;
    if (bytes[ours] !== SOURCE_ID_BYTES || bytes[theirs] !== CONNECTION_ID_BYTES) return undefined;
    if (!holds(this.#source, bytes, ours + 1, end)) return undefined;
    if (!holds(this.#destination, bytes, theirs + 1, end)) return undefined;
    const identification = readCounter(bytes, ours + (COUNTER - SOURCE_ID_LENGTH), end);
    return identification === undefined ? undefined : { identification };
  }

  quoted(bytes: Uint8Array, offset: number, end: number): number | undefined {
    if (!holds(this.#source, bytes, offset + SOURCE_ID_LENGTH + 1, end)) return undefined;
    return readCounter(bytes, offset + COUNTER, end);
  }
}
