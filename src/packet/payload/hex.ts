import { holds } from "./counter.ts";
import type { PayloadAnswer, UdpPayload } from "./payload.ts";

/**
 * Bytes that the user gives, sent as they are: a protocol that this program does not know. Nothing in them tells one
 * packet from another, so an answer is known by addresses, ports and the bytes that it begins with.
 */
export class HexPayload implements UdpPayload {
  readonly bytes: Uint8Array;
  readonly #expected: Uint8Array;

  /** @param expected what an answer begins with; nothing for any answer */
  constructor(bytes: Uint8Array, expected: Uint8Array) {
    this.bytes = bytes.slice();
    this.#expected = expected.slice();
  }

  stamp(): void {}

  read(bytes: Uint8Array, offset: number, end: number): PayloadAnswer | undefined {
    return holds(this.#expected, bytes, offset, end) ? { identification: undefined } : undefined;
  }

  quoted(): undefined {}
}
