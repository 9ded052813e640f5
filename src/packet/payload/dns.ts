import { readUint16, writeUint16 } from "../octets.ts";
import type { PacketMark, PayloadAnswer, UdpPayload } from "./payload.ts";

/*
 * RFC 1035 section 4.1.1, offsets in bytes:
 *   0 id   2 flags   4 questions   6 answers   8 authorities   10 additional records   12 question
 */
const HEADER = 12;
const FLAGS = 2;
const QUESTIONS = 4;
const ADDITIONAL = 10;
const RESPONSE = 0x8000;
const OPCODE = 0x7800;
const RECURSION_DESIRED = 0x0100;
const TYPE_A = 1;
const CLASS_INTERNET = 1;
const TYPE_OPT = 41;
/** Answers up to this size fit one packet on every path (the value resolvers agreed on in 2020). */
const UDP_SIZE = 1232;
/** EDNS option "cookie" (RFC 7873) with a client's part alone. */
const COOKIE = 10;
const COOKIE_BYTES = 8;
/** Name (root), type, size, extended code and flags, data length, option code and length. */
const BEFORE_COOKIE = 1 + 2 + 2 + 4 + 2 + 2 + 2;

/**
 * A query for the address of a name, as a stub resolver sends it. The id is a keyed number plus the counter; the
 * complement stands in an EDNS client cookie, which servers repeat or ignore. Any response with our id counts, be it
 * an address, "no such name" or "refused": the path works. So a reply from off the path has to hit the source port and
 * 16 bits that change with every probe.
 */
export class DnsPayload implements UdpPayload {
  readonly bytes: Uint8Array;
  readonly #base: number;
  readonly #question: Uint8Array;
  /** Where the complement stands: the first even offset in the cookie. */
  readonly #complement: number;

  /**
   * @param name the name asked for, with or without the final dot; "." is the root
   * @param digest at least 10 keyed bytes of the flow
   */
  constructor(name: string, digest: Uint8Array) {
    this.#base = readUint16(digest, 0);
    this.#question = encodeName(name);
    const additional = HEADER + this.#question.length + 4;
    const cookie = additional + BEFORE_COOKIE;
    this.#complement = cookie + (cookie % 2);
    this.bytes = new Uint8Array(cookie + COOKIE_BYTES);
    const { bytes } = this;
    writeUint16(bytes, FLAGS, RECURSION_DESIRED);
    writeUint16(bytes, QUESTIONS, 1);
    writeUint16(bytes, ADDITIONAL, 1);
    bytes.set(this.#question, HEADER);
    writeUint16(bytes, HEADER + this.#question.length, TYPE_A);
    writeUint16(bytes, HEADER + this.#question.length + 2, CLASS_INTERNET);
    writeUint16(bytes, additional + 1, TYPE_OPT);
    writeUint16(bytes, additional + 3, UDP_SIZE);
    writeUint16(bytes, additional + 9, 4 + COOKIE_BYTES);
    writeUint16(bytes, additional + 11, COOKIE);
    writeUint16(bytes, additional + 13, COOKIE_BYTES);
    bytes.set(digest.subarray(2, 2 + COOKIE_BYTES), cookie);
    this.#writeId(bytes, 0, 0);
  }

  stamp(out: Uint8Array, offset: number, { identification }: PacketMark): void {
    this.#writeId(out, offset, identification);
  }

  read(bytes: Uint8Array, offset: number, end: number): PayloadAnswer | undefined {
    if (end - offset < HEADER) return undefined;
    const flags = readUint16(bytes, offset + FLAGS);
    if ((flags & RESPONSE) === 0 || (flags & OPCODE) !== 0) return undefined;
    // A server that cannot read the query may answer without repeating the question.
    const asked = readUint16(bytes, offset + QUESTIONS);
    if (asked > 0 && !this.#repeats(bytes, offset + HEADER, end)) return undefined;
    return { identification: (readUint16(bytes, offset) - this.#base) & 0xffff };
  }

  quoted(bytes: Uint8Array, offset: number, end: number): number | undefined {
    return end - offset < 2 ? undefined : (readUint16(bytes, offset) - this.#base) & 0xffff;
  }

  #writeId(out: Uint8Array, offset: number, identification: number): void {
    const id = (this.#base + identification) & 0xffff;
    writeUint16(out, offset, id);
    writeUint16(out, offset + this.#complement, ~id & 0xffff);
  }

  /** Whether the question is ours; servers may change the case of letters (RFC 4343). */
  #repeats(bytes: Uint8Array, offset: number, end: number): boolean {
    if (end - offset < this.#question.length) return false;
    return this.#question.every((byte, index) => lower(byte) === lower(bytes[offset + index] ?? 0));
  }
}

/** Labels with their lengths and the empty one at the end (RFC 1035, 3.1). Lengths are below 64, so none is a letter. */
function encodeName(name: string): Uint8Array {
  const labels = name.split(".").filter((label) => label !== "");
  const parts = labels.map((label) => [label.length, ...Buffer.from(label, "latin1")]);
  return Uint8Array.from([...parts.flat(), 0]);
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
