import { expect, test } from "vitest";
import type { Counts } from "../../src/localize/counts.ts";
import { isDeadPlace, isLossyPlace } from "../../src/localize/impaired.ts";
import type { Member } from "../../src/localize/member.ts";

/** Flows by their failures of 30 probes, all of them members of a place. */
function place(...failures: number[]): [Member[], Counts[]] {
  const members = failures.map((_, flow) => ({
    flow,
    weight: 1,
    depth: 0,
    beyond: null,
    link: null,
  }));
  const counts = failures.map((lost) => ({
    probes: 30,
    failures: lost,
    alike: 1,
    logWays: 0,
    deadCost: 12 * (30 - lost),
  }));
  return [members, counts];
}

test("a place is dead where all flows that are likely to cross it are", () => {
  expect(isDeadPlace(...place(30, 30))).toBe(true);
  expect(isDeadPlace(...place(30, 0))).toBe(false);
  expect(isDeadPlace([], [])).toBe(false);
  const [members, counts] = place(30, 0);
  const unlikely = members.map((member) => ({ ...member, weight: member.flow === 1 ? 0.3 : 1 }));
  expect(isDeadPlace(unlikely, counts)).toBe(true);
});

test("a place loses where all of its flows lose alike, and not where some are spared", () => {
  expect(isLossyPlace(...place(9, 10, 8, 11))).toBe(true);
  expect(isLossyPlace(...place(9, 10, 0, 0))).toBe(false);
  expect(isLossyPlace(...place(0, 1, 0, 0))).toBe(false);
});

test("a dead flow says nothing of a loss", () => {
  expect(isLossyPlace(...place(9, 10, 30))).toBe(true);
  expect(isLossyPlace(...place(30))).toBe(false);
});
