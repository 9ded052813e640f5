import { expect, test } from "vitest";
import type { TwoWayFaultName } from "../support/two-way-case.ts";
import { watchTwoWay } from "../support/two-way-watch.ts";

/** Drawn networks in which answers come back over the same routers, or over others. */
const CASES: [TwoWayFaultName, number][] = [
  ["router dead", 101],
  ["router dead", 112],
  ["router drops", 103],
  ["cable dead", 104],
  ["cable dead", 113],
  ["router drops back", 106],
  ["router drops there", 107],
  ["cable dead there", 108],
];

test.each(CASES)(
  "what is dead is the one suspect, whatever answers it takes with it: %s, network %i",
  (fault, seed) => {
    const told = watchTwoWay({ seed, fault, learnMs: 90_000, targets: 1, seconds: 60 });
    for (const { text, first = Number.POSITIVE_INFINITY, rightAtLast, sure, named } of told) {
      expect(first, text).toBeLessThanOrEqual(30);
      expect(rightAtLast, `${text}: ${[...named.keys()]}`).toBe(20);
      expect(sure, `${text}: ${[...named.keys()]}`).toBeLessThanOrEqual(5);
    }
  },
);
