import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortRings } from "../../src/flow/ring.ts";
import { PortHasher, toeplitz } from "../../src/flow/toeplitz.ts";
import { nextPort, ringOf } from "../support/next-port.ts";
import { addressBytes, u16 } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

/** Rings over ports 61000 to 61031 in four buckets. */
const PINNED = [
  [61000, 61006, 61030, 61028, 61004, 61024, 61023, 61002, 61019, 61026, 61017, 61021],
  [61020, 61022, 61031, 61001, 61018, 61016, 61005, 61029, 61025, 61003, 61007, 61027],
  [61013, 61011, 61015, 61009],
  [61008, 61014, 61012, 61010],
];

const SOURCE = addressBytes("192.0.2.1");
const DESTINATION = addressBytes("198.51.100.2");

function hasher(port = 3306): PortHasher {
  return new PortHasher(Uint8Array.from(SOURCE), Uint8Array.from(DESTINATION), port);
}

/** The bucket of a source port by the definition. */
function bucketOf(sourcePort: number, port: number, buckets: number): number {
  const tuple = [...SOURCE, ...DESTINATION, ...u16(sourcePort), ...u16(port)];
  return toeplitz(Uint8Array.from(tuple)) % buckets;
}

const ranges = fc
  .tuple(fc.integer({ min: 1, max: 65_535 }), fc.nat(300))
  .map(([first, more]) => ({ first, last: Math.min(65_535, first + more) }));

describe("PortRings", () => {
  test("hold every port of the range exactly once, in the bucket it hashes into", () => {
    const whole = fc.property(
      ranges,
      fc.integer({ min: 1, max: 1024 }),
      fc.nat(65_535),
      (range, buckets, to) => {
        const rings = new PortRings(hasher(to), range, buckets);
        const seen: number[] = [];
        for (let bucket = 0; bucket < buckets; bucket += 1) {
          for (const port of ringOf(rings, bucket)) {
            seen.push(port);
            expect(bucketOf(port, to, buckets)).toBe(bucket);
          }
        }
        const all = Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i);
        expect(seen.sort((a, b) => a - b)).toEqual(all);
      },
    );
    fc.assert(whole, { seed: printedSeed("PortRings"), numRuns: 25 });
  });

  test("stay as they were in earlier versions: a restart or an update goes on with the same ports", () => {
    const rings = new PortRings(hasher(), { first: 61_000, last: 61_031 }, 4);
    expect([0, 1, 2, 3].map((bucket) => ringOf(rings, bucket))).toEqual(PINNED);
  });

  test("do not follow one another as numbers, so that weak router hashes spread them too", () => {
    const rings = new PortRings(hasher(), { first: 61_000, last: 65_535 }, 1);
    const ring = ringOf(rings, 0);
    const near = ring.filter((port, i) => i > 0 && Math.abs(port - (ring[i - 1] ?? 0)) <= 16);
    // By chance it is 32 in 4,535 steps; an order by number would give all of them.
    expect(near.length).toBeLessThan(100);
  });

  test("are empty for a bucket that no port hashes into", () => {
    const rings = new PortRings(hasher(), { first: 61_000, last: 61_000 }, 64);
    const own = bucketOf(61_000, 3306, 64);
    expect(ringOf(rings, own)).toEqual([61_000]);
    expect(ringOf(rings, (own + 1) % 64)).toEqual([]);
  });
});

describe("PortRings.next", () => {
  const rings = new PortRings(hasher(), { first: 61_000, last: 61_031 }, 4);
  const ring = ringOf(rings, 2);

  test("goes round the ring, from the first port on", () => {
    const walked: number[] = [];
    let port = 0;
    for (let step = 0; step < ring.length * 2; step += 1) {
      port = nextPort(rings, 2, port);
      walked.push(port);
    }
    expect(walked).toEqual([...ring, ...ring]);
  });

  test("passes over ports to avoid, also for the first one", () => {
    const [first = 0, second = 0, third = 0] = ring;
    expect(nextPort(rings, 2, first, new Set([second]))).toBe(third);
    expect(nextPort(rings, 2, 0, new Set([first, second]))).toBe(third);
    expect(nextPort(rings, 2, ring.at(-1) ?? 0, new Set([first]))).toBe(second);
  });

  test("stays where every other port is to be avoided", () => {
    const [first = 0, ...others] = ring;
    expect(nextPort(rings, 2, first, new Set(others))).toBe(first);
    expect(nextPort(rings, 2, first, new Set(ring))).toBe(first);
    // A bucket without a flow would be blind, so the first port is taken all the same.
    expect(nextPort(rings, 2, 0, new Set(ring))).toBe(first);
  });

  test("stays on the only port of a ring and gives 0 for an empty one", () => {
    const single = new PortRings(hasher(), { first: 61_000, last: 61_000 }, 64);
    const own = bucketOf(61_000, 3306, 64);
    expect(nextPort(single, own, 0)).toBe(61_000);
    expect(nextPort(single, own, 61_000)).toBe(61_000);
    expect(nextPort(single, (own + 1) % 64, 0)).toBe(0);
  });

  test("begins anew from a port that is not on the ring", () => {
    expect(nextPort(rings, 2, 12_345)).toBe(ring[0]);
  });
});
