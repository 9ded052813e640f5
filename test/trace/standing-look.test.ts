import { beforeEach, describe, expect, test } from "vitest";
import { StandingLook } from "../../src/trace/standing-look.ts";
import { SurveysUnderWay } from "../../src/trace/surveys-under-way.ts";
import type { Trace } from "../../src/trace/trace.ts";
import { makeFlow } from "../support/probed-flow.ts";

describe("a look at all surveys that found none that may ask anything", () => {
  const spot = (key: string) => ({ spot: { key }, again: false });
  let surveys: SurveysUnderWay;
  let outstanding: { changes: number };
  let told: number;
  let free: Set<string>;
  let asked: string[];
  let look: StandingLook;
  let refused: Trace;

  beforeEach(() => {
    surveys = new SurveysUnderWay();
    outstanding = { changes: 0 };
    told = 0;
    free = new Set();
    asked = [];
    refused = {
      isOver: false,
      waitsUntil: 0,
      refused: { spots: [spot("a"), spot("b")], until: 5000 },
    } as unknown as Trace;
    surveys.set(makeFlow({}, 61_000), refused);
    surveys.set(makeFlow({}, 61_001), { ...refused } as Trace);
    look = new StandingLook({
      surveys,
      outstanding,
      sharing: { changes: () => told },
      spared: { isRefused: (trace) => trace.refused !== undefined },
      hops: {
        spare: ({ key }) => {
          asked.push(key);
          return free.has(key);
        },
      },
    });
    look.looked(0);
  });

  test("stands as long as nothing changes, and asks of each spot once", () => {
    expect(look.stands(40)).toBe(true);
    expect(asked).toEqual(["a", "b"]);
  });

  test("stands no more once a spot may be asked, or the longest time is over", () => {
    free.add("b");
    expect(look.stands(40)).toBe(false);
    free.clear();
    expect(look.stands(4999)).toBe(true);
    expect(look.stands(5000)).toBe(false);
  });

  test.each([
    ["a survey begins", () => surveys.set(makeFlow({}, 61_002), refused)],
    ["a survey ends", () => surveys.delete([...surveys.keys()][0] as never)],
    ["a packet is answered", () => (outstanding.changes += 1)],
    ["others tell something else", () => (told += 1)],
  ])("stands no more once %s", (_, change) => {
    change();
    expect(look.stands(40)).toBe(false);
  });

  test("stands until a survey that waits has waited", () => {
    (refused as { waitsUntil: number }).waitsUntil = 500;
    look.looked(0);
    expect(look.stands(499)).toBe(true);
    expect(look.stands(500)).toBe(false);
  });

  test("does not stand where a survey is over, or may ask", () => {
    (refused as { isOver: boolean }).isOver = true;
    look.looked(0);
    expect(look.stands(40)).toBe(false);
    (refused as { isOver: boolean }).isOver = false;
    (refused as { refused: unknown }).refused = undefined;
    look.looked(0);
    expect(look.stands(40)).toBe(false);
  });
});
