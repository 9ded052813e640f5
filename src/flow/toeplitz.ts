/**
 * The Toeplitz hash of receive-side scaling (RSS), with the 40-byte key that Microsoft's verification suite uses
 * ("Verifying the RSS Hash Calculation"). It groups flows into buckets; routers hash in their own, unknown ways.
 */
const RSS_KEY = Uint8Array.from(
  Buffer.from(
    "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa",
    "hex",
  ),
);

/** The 32 key bits that start at bit `position`. */
function keyWindow(position: number): number {
  let word = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    const at = position + bit;
    const value = ((RSS_KEY[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
    word = (word << 1) | value;
  }
  return word >>> 0;
}

/**
 * Hashes up to 36 bytes (two IPv6 addresses and two ports).
 * @param input source address, destination address, source port, destination port, each in network order
 * @returns an unsigned 32-bit number
 */
export function toeplitz(input: Uint8Array): number {
  let hash = 0;
  for (let bit = 0; bit < input.length * 8; bit += 1) {
    if ((((input[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1) hash ^= keyWindow(bit);
  }
  return hash >>> 0;
}

/** What the bits of one byte at a bit position add to the hash, by the byte's value. */
function byteTable(position: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, value) => {
    let hash = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      if (((value >> (7 - bit)) & 1) === 1) hash ^= keyWindow(position + bit);
    }
    return hash;
  });
}

/** What the source port adds, by the bytes of both addresses: its high and its low byte. */
const PORT_TABLES: Readonly<Record<number, readonly [Uint32Array, Uint32Array]>> = {
  8: [byteTable(64), byteTable(72)],
  32: [byteTable(256), byteTable(264)],
};

/**
 * A hash over flows that differ in the source port alone. The Toeplitz hash is linear over XOR, so the addresses and
 * the destination port are hashed once, and each port adds what its two bytes add whatever the addresses are: thousands
 * of ports a target cost microseconds.
 */
export class PortHasher {
  readonly #base: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;

  /** @param source,destination 4 or 16 bytes each, of one family */
  constructor(source: Uint8Array, destination: Uint8Array, destinationPort: number) {
    const ports = source.length + destination.length;
    const input = new Uint8Array(ports + 4);
    input.set(source, 0);
    input.set(destination, source.length);
    input[ports + 2] = destinationPort >> 8;
    input[ports + 3] = destinationPort & 0xff;
    this.#base = toeplitz(input);
    const tables = PORT_TABLES[ports];
    if (tables === undefined) throw new RangeError(`addresses of ${ports} bytes`);
    [this.#high, this.#low] = tables;
  }

  /** The hash of the flow with this source port, an unsigned 32-bit number. */
  hash(sourcePort: number): number {
    const high = this.#high[sourcePort >> 8] ?? 0;
    return (this.#base ^ high ^ (this.#low[sourcePort & 0xff] ?? 0)) >>> 0;
  }
}
