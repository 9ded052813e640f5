import { describe, expect, test } from "vitest";
import type { FailureReason } from "../../src/probe/outcome.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { isMostlyRefused, isRefused } from "../../src/verdict/refusal.ts";
import { address } from "../support/address.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const TO = "198.51.100.2";
const target = makeProbed({ to: TO });

/** A flow of the target whose last probe failed. */
function failing(reason: FailureReason, responder?: string): ProbedFlow {
  const flow = makeFlowOf(target, 0, 61_000);
  flow.state = "failing";
  flow.lastFailure = {
    kind: "failed",
    reason,
    responder: responder === undefined ? undefined : address(responder),
  };
  return flow;
}

describe("isRefused", () => {
  test("holds for what the destination itself answers", () => {
    for (const reason of ["refused", "unreachable", "prohibited"] as const) {
      expect(isRefused(failing(reason, TO))).toBe(true);
    }
  });

  test("does not hold for what a router answers, nobody does, for a loop, or where what follows the SYN gets lost", () => {
    expect(isRefused(failing("unreachable", "10.0.0.1"))).toBe(false);
    expect(isRefused(failing("timeout"))).toBe(false);
    expect(isRefused(failing("ttl_exceeded", TO))).toBe(false);
    expect(isRefused(failing("unfinished", TO))).toBe(false);
  });

  test("does not hold for a flow that works again", () => {
    const flow = failing("refused", TO);
    flow.state = "up";
    expect(isRefused(flow)).toBe(false);
  });
});

test("a target is mostly refused where more than half of its failing flows are", () => {
  const probed = makeProbed({ to: TO });
  expect(isMostlyRefused(probed)).toBe(false);
  probed.flows.push(failing("refused", TO), failing("timeout"));
  expect(isMostlyRefused(probed)).toBe(false);
  const up = failing("refused", TO);
  up.state = "up";
  probed.flows.push(failing("refused", TO), up);
  expect(isMostlyRefused(probed)).toBe(true);
});
