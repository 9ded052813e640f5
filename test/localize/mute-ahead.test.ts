import { describe, expect, test } from "vitest";
import type { AheadLink } from "../../src/localize/crossing.ts";
import { muteAhead, muteBetween } from "../../src/localize/mute-ahead.ts";
import { TARGET } from "../../src/localize/network.ts";

const GAP = 0.1;
const [A, B, C, D] = [10, 11, 12, 13];
const link = (step: number, from: number, to: number, weight: number): AheadLink => ({
  step,
  from,
  to,
  weight,
});

/** Two ways on from A: by B and by C, which both lead to the destination by D. */
const ahead = [
  link(0, A, B, 0.5),
  link(0, A, C, 0.5),
  link(1, B, D, 0.5),
  link(1, C, D, 0.5),
  link(2, D, TARGET, 1),
];

describe("muteAhead", () => {
  test("counts the mute hops of the one way there is", () => {
    const one = [link(0, A, B, 1), link(1, B, D, 1), link(2, D, TARGET, 1)];
    expect(muteAhead(one, new Set([B, D]), GAP)).toBeCloseTo(2);
    expect(muteAhead(one, new Set([D]), GAP)).toBeCloseTo(1);
    expect(muteAhead(one, new Set(), GAP)).toBeCloseTo(0);
  });

  test("takes a mute hop on one of two ways for nearly as telling, since who goes there hears nothing", () => {
    // Half a chance of a silence that is ten times as likely, and half a chance of one that is not.
    const expected = Math.log10(0.5 * 10 + 0.5);
    expect(muteAhead(ahead, new Set([B]), GAP)).toBeCloseTo(expected);
    expect(muteAhead(ahead, new Set([B, D]), GAP)).toBeCloseTo(1 + expected);
  });

  test("leaves out ways that were not followed to their end", () => {
    expect(muteAhead([link(0, A, B, 1)], new Set([B]), GAP)).toBe(0);
    expect(muteAhead([], new Set([B]), GAP)).toBe(0);
  });
});

describe("muteBetween", () => {
  const crossing = (depth: number, from: number, to: number, weight: number) => ({
    depth,
    from,
    to,
    weight,
  });
  // The sweep heard A and D; between them it may have met B or C.
  const links = [
    crossing(0, 0, A, 1),
    crossing(1, A, B, 0.6),
    crossing(1, A, C, 0.4),
    crossing(2, B, D, 0.6),
    crossing(2, C, D, 0.4),
    crossing(3, D, TARGET, 1),
  ];

  test("counts a silent hop between others by the chance that it is a mute one", () => {
    const missing = (mute: readonly number[]) => muteBetween(links, D, [A, D], new Set(mute), GAP);
    expect(missing([B])).toBeCloseTo(Math.log10(0.6 * 10 + 0.4));
    expect(missing([B, C])).toBeCloseTo(1);
    expect(missing([])).toBe(0);
  });

  test("counts neither what was heard nor what lies behind the end", () => {
    expect(muteBetween(links, D, [A, D], new Set([A, D]), GAP)).toBe(0);
    expect(muteBetween(links, A, [A], new Set([B, C, D]), GAP)).toBe(0);
  });
});
