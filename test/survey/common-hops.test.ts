import { describe, expect, test } from "vitest";
import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { CommonHops } from "../../src/survey/common-hops.ts";
import { nextPort } from "../support/next-port.ts";
import { makeProbed } from "../support/probed-flow.ts";

const PLACE = "1 behind source";
/** Flows that are asked for all. */
const ENOUGH = 24;

const target = makeProbed({ flowBuckets: 64 });
const keyer = new FlowKeyer(Buffer.alloc(32, 1));
const flows = Array.from({ length: 64 }, (_, bucket) => {
  return new ProbedFlow(target, bucket, nextPort(target.rings, bucket, 0), keyer);
});
const [first, ...others] = flows as [ProbedFlow, ...ProbedFlow[]];
const late = flows.at(-1) as ProbedFlow;

/** So many flows are asked; each meets what `hop` says, undefined while that is not known. */
function asked(
  count: number,
  hop: (index: number) => string | null | undefined = () => "10.0.0.1",
): CommonHops {
  const common = new CommonHops();
  flows.slice(0, count).forEach((flow, index) => {
    common.asked(PLACE, flow);
    const met = hop(index);
    if (met !== undefined) common.met(1, PLACE, flow, met);
  });
  return common;
}

describe("CommonHops", () => {
  test("agree on a hop, or on silence, once the first 24 that were asked met it", () => {
    expect(asked(ENOUGH - 1).agreed(PLACE)).toBeUndefined();
    expect(asked(ENOUGH).agreed(PLACE)).toBe("10.0.0.1");
    expect(asked(ENOUGH, () => null).agreed(PLACE)).toBeNull();
    expect(asked(ENOUGH).agreed("2 behind 10.0.0.1")).toBeUndefined();
  });

  test("wait for those of the first that have met nobody yet, however many others met the same", () => {
    const common = asked(60, (index) => (index === 3 ? undefined : "10.0.0.1"));
    expect(common.agreed(PLACE)).toBeUndefined();
    expect(common.isFilled(PLACE)).toBe(true);
    common.met(1, PLACE, flows[3] as ProbedFlow, "10.0.0.1");
    expect(common.agreed(PLACE)).toBe("10.0.0.1");
  });

  test("count nobody who met a hop without being asked for all", () => {
    const common = new CommonHops();
    for (const flow of flows) common.met(1, PLACE, flow, "10.0.0.1");
    expect(common.agreed(PLACE)).toBeUndefined();
    expect(common.only(PLACE)).toBe("10.0.0.1");
  });

  test("agree on nothing where a single one differs, be it one of the first or not", () => {
    for (const hop of ["10.0.0.2", null]) {
      const common = asked(ENOUGH);
      common.met(1, PLACE, late, hop);
      expect(common.agreed(PLACE)).toBeUndefined();
      expect(common.only(PLACE)).toBeUndefined();
      expect(common.isFilled(PLACE)).toBe(false);
      expect(common.branching.has(1)).toBe(true);
    }
  });

  test("agree on nothing while a silence is doubted, and on what that flow meets after all", () => {
    const common = asked(ENOUGH);
    common.doubts(PLACE, late);
    expect(common.agreed(PLACE)).toBeUndefined();
    common.met(1, PLACE, late, "10.0.0.1");
    expect(common.agreed(PLACE)).toBe("10.0.0.1");
  });

  test("keep a flow that will be asked once more among the first, and no other that has ended", () => {
    const common = asked(ENOUGH, (index) => (index < 2 ? undefined : "10.0.0.1"));
    common.leftBut(first, [PLACE]);
    common.leftBut(others[0] as ProbedFlow, []);
    expect(common.isAsked(PLACE, first)).toBe(true);
    expect(common.isFilled(PLACE)).toBe(false);
    common.asked(PLACE, late);
    common.met(1, PLACE, late, "10.0.0.1");
    expect(common.agreed(PLACE)).toBeUndefined();
    common.met(1, PLACE, first, "10.0.0.1");
    expect(common.agreed(PLACE)).toBe("10.0.0.1");
  });

  test("remember what was agreed on for a round, until one flow shows that it is no longer so", () => {
    const common = asked(ENOUGH);
    common.age();
    expect(common.agreed(PLACE)).toBe("10.0.0.1");
    expect(common.isFilled(PLACE)).toBe(true);
    common.met(1, PLACE, first, "10.0.0.1");
    expect(common.agreed(PLACE)).toBe("10.0.0.1");
    common.met(1, PLACE, late, "10.0.0.2");
    expect(common.agreed(PLACE)).toBeUndefined();
    common.age();
    expect(common.agreed(PLACE)).toBeUndefined();
  });

  test("agree on another hop than in the round before once 24 were asked anew", () => {
    const common = asked(ENOUGH);
    common.age();
    for (const flow of flows.slice(0, ENOUGH)) {
      common.asked(PLACE, flow);
      expect(common.agreed(PLACE)).not.toBe("10.0.0.2");
      common.met(1, PLACE, flow, "10.0.0.2");
    }
    expect(common.agreed(PLACE)).toBe("10.0.0.2");
  });
});
