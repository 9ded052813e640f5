import { describe, expect, test } from "vitest";
import { FlowKeyer, identify, MAX_TTL, ttlOf } from "../../src/probe/probe-id.ts";
import { address } from "../support/address.ts";

const SOURCE = address("192.0.2.1");
const DESTINATION = address("198.51.100.2");

describe("FlowKeyer", () => {
  const keyer = new FlowKeyer(Buffer.alloc(32, 1));
  const digest = (from = SOURCE, to = DESTINATION, source = 61_000, port = 3306, protocol = 6) =>
    keyer.digest(from, to, source, port, protocol).toString("hex");

  test("gives the same flow the same twelve bytes", () => {
    expect(digest()).toBe(digest());
    expect(digest()).toHaveLength(24);
    expect(new FlowKeyer(Buffer.alloc(32, 1)).digest(SOURCE, DESTINATION, 61_000, 3306, 6)).toEqual(
      keyer.digest(SOURCE, DESTINATION, 61_000, 3306, 6),
    );
  });

  test("gives flows that differ in any part of the 5-tuple different bytes", () => {
    const all = [
      digest(),
      digest(DESTINATION, SOURCE),
      digest(address("192.0.2.2")),
      digest(SOURCE, address("198.51.100.3")),
      digest(SOURCE, DESTINATION, 61_001),
      digest(SOURCE, DESTINATION, 61_000, 3307),
      digest(SOURCE, DESTINATION, 61_000, 3306, 17),
      digest(address("2001:db8::1"), address("2001:db8::2")),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("has a secret of its own each time", () => {
    const of = () => new FlowKeyer().digest(SOURCE, DESTINATION, 61_000, 3306, 6).toString("hex");
    expect(of()).not.toBe(of());
  });
});

describe("identify", () => {
  test("carries every TTL, is never 0 and fits in 16 bits", () => {
    for (let ttl = 0; ttl <= MAX_TTL; ttl += 1) {
      for (const count of [0, 1, 509, 510, 511, 512, 1021, 2 ** 32 - 1]) {
        const identification = identify(ttl, count);
        expect(ttlOf(identification)).toBe(ttl);
        expect(identification).toBeGreaterThan(0);
        expect(identification).toBeLessThan(65_536);
      }
    }
  });

  test("gives 511 packets in a row different numbers", () => {
    const seen = new Set(Array.from({ length: 511 }, (_, count) => identify(5, count + 1234)));
    expect(seen.size).toBe(511);
  });
});
