import { describe, expect, test } from "vitest";
import type { Hypothesis } from "../../src/localize/hypothesis.ts";
import { isItsShare, isLike } from "../../src/localize/own-answers.ts";

describe("what comes back by a place", () => {
  test("is as large a part of the others as the place takes of all, or half as much again", () => {
    expect(isItsShare(64, 16, 0)).toBe(true);
    expect(isItsShare(64, 16, 12)).toBe(true);
    expect(isItsShare(64, 16, 18)).toBe(true);
  });

  test("may be more by chance, the more the fewer flows there are", () => {
    expect(isItsShare(64, 4, 8)).toBe(true);
    expect(isItsShare(640, 40, 100)).toBe(false);
  });

  test("is not most of the others where the place takes a few", () => {
    expect(isItsShare(64, 4, 20)).toBe(false);
    expect(isItsShare(64, 16, 36)).toBe(false);
  });

  test("may be all where the place takes most", () => {
    expect(isItsShare(64, 48, 16)).toBe(true);
  });
});

describe("two losses", () => {
  const PROBES = { probes: 18, alike: 18 };

  /** A place that one row of flows crosses. */
  function losing(flow: number, loss: number): Hypothesis {
    const members = [{ flow, weight: 1, depth: 1, beyond: null, link: null }];
    const location = {
      kind: "link",
      members,
      hops: [],
      flowsKey: "",
      twins: [],
      picked: 0,
    } as const;
    return { location, effect: { extent: "all", kind: "loss" }, cost: 8.5, share: 1, loss };
  }

  test("are alike where they differ by no more than so few probes let one loss be told twice", () => {
    expect(isLike(losing(0, 0.05), losing(1, 0.08), [PROBES, PROBES])).toBe(true);
    expect(isLike(losing(0, 0.3), losing(1, 0.5), [PROBES, PROBES])).toBe(true);
    const few = { probes: 18, alike: 4 };
    expect(isLike(losing(0, 0.03), losing(1, 0.09), [few, few])).toBe(true);
  });

  test("are not where one is three times the other in hundreds of probes", () => {
    expect(isLike(losing(0, 0.03), losing(1, 0.09), [PROBES, PROBES])).toBe(false);
  });
});
