import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortHasher, toeplitz } from "../../src/flow/toeplitz.ts";
import { addressBytes, u16 } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

/** "Verifying the RSS Hash Calculation" (Microsoft, NDIS documentation): the table with ports. */
const VECTORS = [
  ["66.9.149.187", 2794, "161.142.100.80", 1766, 0x51ccc178],
  ["199.92.111.2", 14230, "65.69.140.83", 4739, 0xc626b0ea],
  ["24.19.198.95", 12898, "12.22.207.184", 38024, 0x5c2b394a],
  ["38.27.205.30", 48228, "209.142.163.6", 2217, 0xafc7327f],
  ["153.39.163.191", 44251, "202.188.127.2", 1303, 0x10e828a2],
  ["3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x40207d3d],
  ["3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0xdde51bbf],
  ["3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024, 0x02d1feef],
] as const;

/** The same suite's hashes over the addresses alone. */
const ADDRESS_VECTORS = [
  ["66.9.149.187", "161.142.100.80", 0x323e8fc2],
  ["199.92.111.2", "65.69.140.83", 0xd718262a],
  ["3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 0x2cc18cd5],
] as const;

function input(source: string, sourcePort: number, destination: string, port: number): Uint8Array {
  return Uint8Array.from([
    ...addressBytes(source),
    ...addressBytes(destination),
    ...u16(sourcePort),
    ...u16(port),
  ]);
}

describe("toeplitz", () => {
  test.each(VECTORS)("agrees with the published hash of %s port %d to %s port %d", (...vector) => {
    const [source, sourcePort, destination, port, hash] = vector;
    expect(toeplitz(input(source, sourcePort, destination, port))).toBe(hash);
  });

  test.each(ADDRESS_VECTORS)("agrees with the published hash of %s to %s", (from, to, hash) => {
    expect(toeplitz(Uint8Array.from([...addressBytes(from), ...addressBytes(to)]))).toBe(hash);
  });

  test("is linear over XOR, as the fast way takes for granted", () => {
    const bytes = fc.uint8Array({ minLength: 36, maxLength: 36 });
    const linear = fc.property(bytes, bytes, (a, b) => {
      const both = a.map((byte, i) => byte ^ (b[i] ?? 0));
      expect(toeplitz(both)).toBe((toeplitz(a) ^ toeplitz(b)) >>> 0);
    });
    fc.assert(linear, { seed: printedSeed("toeplitz linear"), numRuns: 200 });
  });
});

describe("PortHasher", () => {
  test.each(VECTORS)("agrees with the published hash of %s port %d to %s port %d", (...vector) => {
    const [source, sourcePort, destination, port, hash] = vector;
    const ends = [addressBytes(source), addressBytes(destination)].map((b) => Uint8Array.from(b));
    const [from = new Uint8Array(), to = new Uint8Array()] = ends;
    expect(new PortHasher(from, to, port).hash(sourcePort)).toBe(hash);
  });

  test("equals the hash of the whole tuple for any tuple of both families", () => {
    const port = fc.nat(65_535);
    const tuple = fc.constantFrom(4, 16).chain((length) => {
      const bytes = fc.uint8Array({ minLength: length, maxLength: length });
      return fc.tuple(bytes, bytes, port, fc.array(port, { minLength: 1, maxLength: 8 }));
    });
    const same = fc.property(tuple, ([source, destination, to, ports]) => {
      const hasher = new PortHasher(source, destination, to);
      for (const from of ports) {
        const whole = Uint8Array.from([...source, ...destination, ...u16(from), ...u16(to)]);
        expect(hasher.hash(from)).toBe(toeplitz(whole));
      }
    });
    fc.assert(same, { seed: printedSeed("PortHasher"), numRuns: 300 });
  });
});
