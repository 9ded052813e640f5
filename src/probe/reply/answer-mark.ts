import { readUint8, readUint16 } from "../../packet/octets.ts";

/** So much of what is behind the IP header tells one answer from another: a TCP header, an ICMP error with the quoted header. */
const TELLING_BYTES = 64;

/**
 * A number that copies of one packet share, wherever on their way through this host they are read, as long as nobody
 * rewrites them: what is behind the IP header, as far as the packet's own length field goes.
 * @param bytes holds a packet between `offset` and `end` that has been read as one
 */
export function answerMark(bytes: Uint8Array, offset: number, end: number): number {
  const v6 = readUint8(bytes, offset) >>> 4 === 6;
  const start = offset + (v6 ? 40 : (readUint8(bytes, offset) & 0xf) * 4);
  const length = v6 ? 40 + readUint16(bytes, offset + 4) : readUint16(bytes, offset + 2);
  const last = Math.min(end, offset + length);
  let hash = last - start;
  for (let at = start; at < Math.min(last, start + TELLING_BYTES); at += 1) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  }
  return hash;
}
