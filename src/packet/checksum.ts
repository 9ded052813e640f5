import type { Address } from "./address.ts";

/**
 * Adds the bytes from `start` up to `end` as big-endian 16-bit words to `sum` (RFC 1071). The result is not folded: it may
 * exceed 16 bits, and stays exact below 2^32, which a whole 64 KiB packet cannot reach. An odd last byte counts as
 * the high half of a word, so only the last of several ranges may have an odd length.
 */
export function sumBytes(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  let i = start;
  for (; i + 1 < end; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if (i < end) total += (bytes[i] ?? 0) << 8;
  return total;
}

/**
 * The 16-bit checksum of a sum made by {@link sumBytes}: carries folded in, then complemented. Over a message that
 * already carries a right checksum it gives 0.
 */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

/**
 * The sum of the pseudo header in front of TCP, UDP and ICMPv6 (RFC 9293 section 3.1, RFC 8200 section 8.1).
 * `length` is that of the upper-layer header and its data, in bytes.
 */
export function pseudoHeaderSum(
  source: Address,
  destination: Address,
  protocol: number,
  length: number,
): number {
  const addresses = sumBytes(
    destination.bytes,
    0,
    destination.bytes.length,
    sumBytes(source.bytes, 0, source.bytes.length),
  );
  return addresses + protocol + (length >>> 16) + (length & 0xffff);
}

/**
 * The checksum after one 16-bit word of what it covers changed from `oldWord` to `newWord`: RFC 1624 equation 3,
 * HC' = ~(~HC + ~m + m').
 */
export function adjustChecksum(checksum: number, oldWord: number, newWord: number): number {
  return foldChecksum((~checksum & 0xffff) + (~oldWord & 0xffff) + newWord);
}
