import { COUNTER_BYTES, holds, readCounter, writeCounter } from "./counter.ts";
import type { PacketMark, PayloadAnswer, UdpPayload } from "./payload.ts";

/**
 * The payload of probes that ask for no service: eight keyed bytes, a counter and its complement. Whatever comes back
 * from the port is an answer; a service that repeats what it was sent tells which packet it answers.
 */
export class PlainPayload implements UdpPayload {
  readonly bytes: Uint8Array;
  readonly #key: Uint8Array;

  /** @param digest at least 8 keyed bytes of the flow */
  constructor(digest: Uint8Array) {
    this.#key = digest.slice(0, 8);
    this.bytes = new Uint8Array(this.#key.length + COUNTER_BYTES);
    this.bytes.set(this.#key);
    writeCounter(this.bytes, this.#key.length, 0);
  }

  stamp(out: Uint8Array, offset: number, { identification }: PacketMark): void {
    writeCounter(out, offset + this.#key.length, identification);
  }

  read(bytes: Uint8Array, offset: number, end: number): PayloadAnswer {
    return { identification: this.quoted(bytes, offset, end) };
  }

  quoted(bytes: Uint8Array, offset: number, end: number): number | undefined {
    if (!holds(this.#key, bytes, offset, end)) return undefined;
    return readCounter(bytes, offset + this.#key.length, end);
  }
}
