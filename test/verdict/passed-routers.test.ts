import { expect, test } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { lessPassedRouters, type PassingTarget } from "../../src/verdict/passed-routers.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const ROUTER = { from: "10.0.0.2", to: "10.0.1.2", segment: "forward" } as const;
const LINK = { ...ROUTER, place: "link", name: "10.0.1.2" } as const;
const FOUND: Localization = {
  verdict: "path_fault",
  reason: "",
  suspects: [
    {
      ...ROUTER,
      place: "router",
      name: "10.0.0.2",
      loss_ratio: 1,
      confidence: 0.995,
      reason: "every flow across the router 10.0.0.2 fails, 8 of 8.",
      alternatives: [LINK],
    },
  ],
};
const BROKEN_AT = 50_000;

/** A target of eight flows on one way, which have failed since the break or were all answered at a time. */
function target(
  to: string,
  hops: readonly string[],
  answeredAt: number | undefined,
): [ProbedTarget, PassingTarget] {
  const probed = makeProbed(to.includes(":") ? { from: "2001:db8::1", to } : { to });
  for (let bucket = 0; bucket < 8; bucket += 1) {
    const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
    flow.state = answeredAt === undefined ? "failing" : "up";
    probed.flows.push(flow);
  }
  const latestOf = (flow: ProbedFlow) =>
    flow.state === "failing"
      ? { probed_at: 60_000, failing_since: BROKEN_AT }
      : { probed_at: answeredAt ?? 0 };
  return [probed, { evidence: { latestOf }, topology: { of: () => ({ hops }) } }];
}

const dying = target(
  "198.51.100.1",
  ["10.0.0.1", "10.0.0.2", "10.0.1.2", "198.51.100.1"],
  undefined,
);

/** What is told of the failing target beside another one. */
const told = (other: ReturnType<typeof target>) =>
  lessPassedRouters(FOUND, dying[0], new Map([dying, other])).suspects[0];

test("a router that other targets' flows pass to another hop is told as the link by which failing flows leave it", () => {
  const other = target(
    "198.51.100.2",
    ["10.0.0.1", "10.0.0.2", "10.0.2.2", "198.51.100.2"],
    55_000,
  );
  expect(told(other)).toMatchObject({ ...LINK, confidence: 0.995 });
  expect(told(other)?.alternatives).toEqual([{ ...ROUTER, place: "router", name: "10.0.0.2" }]);
  expect(told(other)?.reason).toContain("8 of 8; other targets' flows pass it to other hops.");
});

test.each([
  ["were answered before it broke only", ["10.0.0.1", "10.0.0.2", "10.0.2.2"], 49_000],
  ["go by another router", ["10.0.0.1", "10.0.0.3", "10.0.2.2"], 55_000],
  ["leave it by the same hop", ["10.0.0.1", "10.0.0.2", "10.0.1.2"], 55_000],
])("it stays a router where the others' flows %s", (_, hops, answeredAt) => {
  expect(told(target("198.51.100.2", hops, answeredAt))).toBe(FOUND.suspects[0]);
});

test("it stays a router where the others are of another address family", () => {
  expect(told(target("2001:db8::2", ["10.0.0.2", "10.0.2.2"], 55_000))).toBe(FOUND.suspects[0]);
});
