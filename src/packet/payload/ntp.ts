import { COUNTER_BYTES, holds, readCounter, writeCounter } from "./counter.ts";
import type { PacketMark, PayloadAnswer, UdpPayload } from "./payload.ts";

/*
 * RFC 5905 section 7.3, offsets in bytes:
 *   0 leap, version, mode   1 stratum   2 poll   3 precision   4 root delay   8 root dispersion   12 reference id
 *   16 reference   24 origin   32 receive   40 transmit timestamp
 */
const LENGTH = 48;
const ORIGIN = 24;
const TRANSMIT = 40;
/** No leap warning, version 4, mode 3 (client). */
const CLIENT = 0x23;
const SERVER_MODE = 4;
const KEY_BYTES = 4;

/**
 * An NTP client's request. A server copies the transmit timestamp into the origin timestamp of its answer and does
 * nothing else with it, so it need not be the time: here it is four keyed bytes, a counter and its complement. Any
 * answer counts, one that says "not synchronised" or "ask less often" too: the path works.
 */
export class NtpPayload implements UdpPayload {
  readonly bytes: Uint8Array = new Uint8Array(LENGTH);
  readonly #key: Uint8Array;

  /** @param digest at least 4 keyed bytes of the flow */
  constructor(digest: Uint8Array) {
    this.#key = digest.slice(0, KEY_BYTES);
    // All other fields zero: a request tells the server nothing that it does not need.
    this.bytes[0] = CLIENT;
    this.bytes.set(this.#key, TRANSMIT);
    writeCounter(this.bytes, TRANSMIT + KEY_BYTES, 0);
  }

  stamp(out: Uint8Array, offset: number, { identification }: PacketMark): void {
    writeCounter(out, offset + TRANSMIT + KEY_BYTES, identification);
  }

  read(bytes: Uint8Array, offset: number, end: number): PayloadAnswer | undefined {
    if (end - offset < LENGTH || ((bytes[offset] ?? 0) & 7) !== SERVER_MODE) return undefined;
    const identification = this.#identificationAt(bytes, offset + ORIGIN, end);
    return identification === undefined ? undefined : { identification };
  }

  quoted(bytes: Uint8Array, offset: number, end: number): number | undefined {
    if (end - offset < TRANSMIT + KEY_BYTES + COUNTER_BYTES) return undefined;
    return this.#identificationAt(bytes, offset + TRANSMIT, end);
  }

  #identificationAt(bytes: Uint8Array, at: number, end: number): number | undefined {
    if (!holds(this.#key, bytes, at, end)) return undefined;
    return readCounter(bytes, at + KEY_BYTES, end);
  }
}
