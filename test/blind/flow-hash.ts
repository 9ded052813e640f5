/** A flow as routers see it, and what they hash. */
export interface Tuple {
  readonly sourcePort: number;
  /** Addresses, the target's port and the protocol, scrambled into one number: the same for all flows of a case. */
  readonly rest: number;
}

/** Spreads flows over links: the same flow and seed give the same number, 0 to 2^32 - 1. */
export type FlowHash = (flow: Tuple, seed: number) => number;

/** The ways in which routers hash, by name: good ones, and those that real hardware was built with. */
export const HASHES: Readonly<Record<string, FlowHash>> = {
  murmur: ({ sourcePort, rest }, seed) => finalise(sourcePort ^ finalise(rest ^ seed)),
  crc32: ({ sourcePort, rest }, seed) => crc32([seed, rest, sourcePort]),
  /** The upper half of a CRC-16: what a table of 2 or 4 links takes from it. */
  crc16: ({ sourcePort, rest }, seed) => crc16([seed & 0xffff, rest & 0xffff, sourcePort]) >>> 3,
  /** Exclusive or of all bytes: neighbouring ports go round the links in turn. */
  fold: ({ sourcePort, rest }, seed) => {
    const all = (sourcePort ^ rest ^ seed) >>> 0;
    return (all ^ (all >>> 8) ^ (all >>> 16)) & 0xff;
  },
};

/** The finaliser of MurmurHash3, public domain. */
export function finalise(number: number): number {
  let h = number >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** CRC-32 of whole numbers, four bytes each (polynomial 0xedb88320, reflected). */
function crc32(numbers: readonly number[]): number {
  let crc = 0xffffffff;
  for (const number of numbers) {
    crc ^= number;
    for (let bit = 0; bit < 32; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb88320);
  }
  return ~crc >>> 0;
}

/** CRC-16 of whole numbers, two bytes each (polynomial 0xa001, reflected). */
function crc16(numbers: readonly number[]): number {
  let crc = 0xffff;
  for (const number of numbers) {
    crc ^= number;
    for (let bit = 0; bit < 16; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xa001);
  }
  return crc;
}
