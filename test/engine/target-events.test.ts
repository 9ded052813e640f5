import { beforeEach, describe, expect, test } from "vitest";
import { TargetEvents } from "../../src/engine/target-events.ts";
import type { Localization } from "../../src/localize/localize.ts";
import type { ProbedTarget } from "../../src/probe/probed-flow.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const told = (verdict: Localization["verdict"]): Localization => ({
  verdict,
  reason: "why.",
  suspects: [],
});

describe("what has changed about a target", () => {
  let standing: Localization;
  let seen: string[];
  let events: TargetEvents;
  let target: ProbedTarget;

  beforeEach(() => {
    standing = told("indeterminate");
    seen = [];
    target = makeProbed({ to: "192.0.2.10", flowBuckets: 4 });
    events = new TargetEvents(
      () => standing,
      (_, { event, message }) => seen.push(`${event} ${message}`),
    );
    events.begin(target);
  });

  test("is found when something else is told, also where it was undecided between fault and health", () => {
    let now = 0;
    for (const verdict of ["healthy", "path_fault", "indeterminate", "healthy"] as const) {
      standing = told(verdict);
      events.told(target);
      now += 1000;
      events.turn(now);
      now += 1000;
      events.turn(now);
    }
    expect(seen.map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual([
      "verdict healthy:",
      "verdict path_fault:",
      "verdict indeterminate:",
      "verdict healthy:",
      "healed The",
    ]);
  });

  test("tells of paths that change together once, and of a rehash as such", () => {
    const flow = makeFlowOf(target, 0, 61_000);
    events.pathChanged(flow, 1000);
    events.turn(10_999);
    expect(seen).toEqual([]);
    events.turn(11_500);
    events.turn(30_000);
    expect(seen).toEqual(["path_change 1 flow takes another path than before."]);
    for (let i = 0; i < 3; i += 1) events.pathChanged(flow, 40_000);
    events.turn(50_000);
    expect(seen[1]).toBe("path_change 3 flows take another path than before: routers hash anew.");
  });

  test("is nobody's business once the target is gone", () => {
    events.pathChanged(makeFlowOf(target, 0, 61_000), 0);
    events.end(target);
    standing = told("healthy");
    events.told(target);
    events.turn(20_000);
    expect(seen).toEqual([]);
  });
});

test("many targets that change at once are looked at a hundred a turn, each once", () => {
  const targets = Array.from({ length: 250 }, (_, at) =>
    makeProbed({ to: `192.0.2.${at + 1}`, flowBuckets: 4 }),
  );
  let standing = told("indeterminate");
  const seen: ProbedTarget[] = [];
  const events = new TargetEvents(
    () => standing,
    (target) => seen.push(target),
  );
  for (const target of targets) events.begin(target);
  const tell = (verdict: Localization["verdict"]) => {
    standing = told(verdict);
    for (const target of targets) events.told(target);
  };
  tell("path_fault");
  const after = [0, 5, 10, 15, 20].map((now) => {
    events.turn(now);
    return seen.length;
  });
  expect(after).toEqual([100, 200, 250, 250, 250]);
  expect(seen).toEqual(targets);
  tell("target_down");
  events.turn(499);
  expect(seen).toHaveLength(250);
  events.turn(500);
  expect(seen).toHaveLength(350);
});
