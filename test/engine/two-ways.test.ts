import { expect, test } from "vitest";
import type { TwoWayFaultName } from "../support/two-way-case.ts";
import { watchTwoWay } from "../support/two-way-watch.ts";

/** Drawn networks in which answers come back over the same routers, or over others. */
const CASES: [TwoWayFaultName, number, targets: number][] = [
  ["router dead", 101, 1],
  ["router dead", 112, 1],
  ["router drops", 103, 1],
  ["cable dead", 104, 1],
  ["cable dead", 113, 1],
  ["router drops back", 106, 1],
  ["router drops back", 7015, 2],
  ["router drops back", 8116, 2],
  ["router drops there", 107, 1],
  ["cable dead there", 108, 1],
  ["cable dead back", 7005, 2],
];

test.each(CASES)(
  "what is dead is the one suspect, whatever answers it takes with it: %s, network %i",
  (fault, seed, targets) => {
    const told = watchTwoWay({ seed, fault, learnMs: 90_000, targets, seconds: 60 });
    for (const { text, first = Number.POSITIVE_INFINITY, rightAtLast, sure, named } of told) {
      expect(first, text).toBeLessThanOrEqual(30);
      expect(rightAtLast, `${text}: ${[...named.keys()]}`).toBe(20);
      expect(sure, `${text}: ${[...named.keys()]}`).toBeLessThanOrEqual(5);
    }
  },
);
