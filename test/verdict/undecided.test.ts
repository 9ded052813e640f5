import { describe, expect, test } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import type { FailureReason } from "../../src/probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { Evidence } from "../../src/verdict/evidence.ts";
import { isUndecided, withoutLeftovers } from "../../src/verdict/undecided.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const INTERVAL_MS = 10_000;

const DOWN: Localization = {
  verdict: "target_down",
  reason: "",
  suspects: [
    {
      from: "10.0.0.1",
      to: "10.0.0.2",
      segment: "forward",
      place: "link",
      name: "10.0.0.2",
      loss_ratio: 1,
      confidence: 0.9,
      reason: "",
      alternatives: [],
    },
  ],
};

/** What the flows of a target did: one text a flow, `r` refused, `x` no answer, `.` an answer; a round every ten seconds. */
class Rig {
  readonly target: ProbedTarget = makeProbed({ intervalMs: INTERVAL_MS, timeoutMs: 1000 });
  readonly evidence: Evidence = new Evidence();
  now = 0;

  constructor(...flows: readonly string[]) {
    const probed = flows.map((_, bucket) => makeFlowOf(this.target, bucket, 61_000 + bucket));
    probed.forEach((flow) => {
      this.target.flows[flow.bucket] = flow;
    });
    const longest = Math.max(...flows.map(({ length }) => length));
    for (let round = 0; round < longest; round += 1) {
      probed.forEach((flow, bucket) => {
        const result = flows[bucket]?.[round];
        if (result === undefined) return;
        this.now = round * INTERVAL_MS + bucket;
        if (result === ".") this.#answer(flow);
        else this.#probe(flow, result === "r" ? "refused" : "timeout");
      });
    }
  }

  #answer(flow: ProbedFlow): void {
    flow.state = "up";
    this.evidence.add(flow, false, this.now);
  }

  #probe(flow: ProbedFlow, reason: FailureReason): void {
    flow.state = "failing";
    const { address } = this.target.target;
    flow.lastFailure = {
      kind: "failed",
      reason,
      responder: reason === "refused" ? address : undefined,
    };
    this.evidence.add(flow, true, this.now);
  }

  isUndecided(place: "endpoint" | "link", laterMs = 0): boolean {
    const { target, evidence, now } = this;
    const suspects = DOWN.suspects.map((suspect) => ({ ...suspect, place }));
    return isUndecided(
      { ...DOWN, verdict: "path_loss", suspects },
      target,
      evidence,
      [],
      now + laterMs,
    );
  }

  suspects(laterMs = 0): number {
    const { target, evidence, now } = this;
    return withoutLeftovers(DOWN, target, evidence, now + laterMs).suspects.length;
  }
}

describe("a target that is down", () => {
  test("keeps its suspects while some of its flows are refused and the others hear nothing", () => {
    expect(new Rig("rrrrr", "xxxxx").suspects()).toBe(1);
    expect(new Rig("rrrrr", "rrxxx").suspects()).toBe(1);
  });

  test("has none while flows come back to being refused, until each has been probed", () => {
    const rig = new Rig("rxxxxr", "rxxxx");
    expect(rig.suspects()).toBe(0);
    expect(rig.suspects(11_000)).toBe(0);
    expect(rig.suspects(11_001)).toBe(1);
  });

  test("has suspects again as soon as another flow hears nothing any more", () => {
    expect(new Rig("rxxxxr", "rxxxxx", "rrrrrx").suspects()).toBe(1);
  });

  test("loses none by a flow that has heard nothing a few times only", () => {
    expect(new Rig("rrrxxr", "xxxxx").suspects()).toBe(1);
  });
});

test("other verdicts are left as they are", () => {
  const { target, evidence, now } = new Rig("rxxxxr", "rxxxx");
  const found = { ...DOWN, verdict: "path_fault" } as const;
  expect(withoutLeftovers(found, target, evidence, now)).toBe(found);
});

test("an endpoint that loses packets is told after two rounds, in which a limit of its answers would show", () => {
  const rig = new Rig("x.", ".xx", "x.x");
  expect(rig.isUndecided("link")).toBe(false);
  expect(rig.isUndecided("endpoint")).toBe(true);
  expect(rig.isUndecided("endpoint", 1998)).toBe(true);
  expect(rig.isUndecided("endpoint", 1999)).toBe(false);
});

test("loss of a target that limits its answers is not told unless it has a place on the way there", () => {
  const rig = new Rig("x..", ".x.", "..x", "...");
  expect(rig.isUndecided("endpoint")).toBe(false);
  rig.target.rateLimit = { perSecond: 4, since: 0, proven: true };
  expect(rig.isUndecided("endpoint")).toBe(true);
  expect(rig.isUndecided("link")).toBe(false);
});

test("an endpoint that loses packets of few flows at a time has no such limit", () => {
  const rig = new Rig("x..", ".x.", "..x", "...");
  expect(rig.isUndecided("endpoint")).toBe(false);
});

test("what would be told anew when nothing has failed for a round is left of what has been forgotten", () => {
  const rig = new Rig("x..", ".x.", "..x", "...");
  expect(rig.isUndecided("link", 10_999)).toBe(false);
  expect(rig.isUndecided("link", 11_000)).toBe(true);
});

test("of several faults one may be over before the others: those that are left are told while its flows come back, another is not", () => {
  const { target, evidence, now } = new Rig(".xxxxx.", ".xxxxxx", ".xxxxxx", ".......");
  const [one] = DOWN.suspects;
  if (one === undefined) throw new Error("no suspect");
  const other = { ...one, to: "10.0.0.3", name: "10.0.0.3" };
  const isHeldBack = (found: (typeof one)[], told: (typeof one)[]): boolean =>
    isUndecided({ ...DOWN, verdict: "path_fault", suspects: found }, target, evidence, told, now);
  expect(isHeldBack([other], [one, other])).toBe(false);
  expect(isHeldBack([one, other], [one, other])).toBe(true);
  expect(isHeldBack([other], [one])).toBe(true);
  expect(isHeldBack([], [one, other])).toBe(true);
});
