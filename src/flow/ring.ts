import type { PortRange } from "./target.ts";
import type { PortHasher } from "./toeplitz.ts";

/** Spreads neighbouring values over the 32-bit space (the finaliser of MurmurHash3, public domain). */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The source ports of a target, sorted into one ring a bucket. A ring's order depends on the flow's addresses and
 * ports alone: it is the same after a restart, and neighbours in it are not neighbours as numbers, so that weak
 * router hashes (XOR of ports) still spread them.
 */
export class PortRings {
  readonly #rings: readonly Uint16Array[];

  constructor(hasher: PortHasher, range: PortRange, buckets: number) {
    // One number a port, bucket above order above port (10 + 24 + 16 bits fit a double exactly), so that one sort of
    // a typed array makes every ring: a thousand targets take half a second, not several.
    const keys = new Float64Array(range.last - range.first + 1);
    for (let port = range.first; port <= range.last; port += 1) {
      const hash = hasher.hash(port);
      keys[port - range.first] = ((hash % buckets) * 2 ** 24 + (mix(hash) >>> 8)) * 2 ** 16 + port;
    }
    keys.sort();
    const ports = Uint16Array.from(keys, (key) => key % 2 ** 16);
    const rings: Uint16Array[] = [];
    let start = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      let end = start;
      while (end < keys.length && Math.floor((keys[end] ?? 0) / 2 ** 40) === bucket) end += 1;
      rings.push(ports.subarray(start, end));
      start = end;
    }
    this.#rings = rings;
  }

  /** The ports of a bucket in the order they are used; empty where no port of the range hashes into it. */
  ring(bucket: number): Uint16Array {
    return this.#rings[bucket] ?? new Uint16Array(0);
  }

  /**
   * The port after `current` on the bucket's ring, passing over those that `avoid` holds.
   * @param current 0 for the first port
   * @returns `current` again where the ring has no other, 0 where it is empty
   */
  next(bucket: number, current: number, avoid?: ReadonlySet<number>): number {
    const ring = this.ring(bucket);
    const start = current === 0 ? -1 : ring.indexOf(current);
    for (let step = 1; step <= ring.length; step += 1) {
      const port = ring[(start + step) % ring.length] ?? 0;
      if (port !== current && !avoid?.has(port)) return port;
    }
    return current === 0 ? (ring[0] ?? 0) : current;
  }
}
