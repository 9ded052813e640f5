import { describe, expect, test } from "vitest";
import { type AheadLink, muteAhead } from "../../src/localize/mute-ahead.ts";
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
