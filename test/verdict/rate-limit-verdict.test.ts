import { describe, expect, test } from "vitest";
import type { EndpointRateLimit, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { answersTooSlowly, rateLimitWords } from "../../src/verdict/rate-limit-verdict.ts";
import { withReasonNow } from "../../src/verdict/reason-now.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const GUESS: EndpointRateLimit = { perSecond: 5.123, since: 10_000, proven: false };
const PROVEN: EndpointRateLimit = { ...GUESS, proven: true };
const HEALTHY = { verdict: "healthy", reason: "All probes were answered.", suspects: [] } as const;

/** A target of eight flows, of which the first fails, probed last at a moment. */
function target(rateLimit: EndpointRateLimit | undefined, probedAt: number): ProbedTarget {
  const probed = makeProbed({ flowBuckets: 8 });
  probed.rateLimit = rateLimit;
  for (let bucket = 0; bucket < 8; bucket += 1) {
    const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
    flow.state = bucket === 0 ? "failing" : "up";
    flow.sentAt = probedAt;
    probed.flows.push(flow);
  }
  return probed;
}

describe("answersTooSlowly", () => {
  test("says nothing of a target that answers whatever it is asked", () => {
    expect(answersTooSlowly(target(undefined, 9000))).toBeUndefined();
  });

  test("accuses nobody while the limit is a guess", () => {
    expect(answersTooSlowly(target(GUESS, 11_000))).toEqual({
      verdict: "indeterminate",
      reason: rateLimitWords(GUESS),
      suspects: [],
    });
  });

  test("waits until the flows that failed before have been probed at the slow pace", () => {
    expect(answersTooSlowly(target(PROVEN, 9000))).toMatchObject({ verdict: "indeterminate" });
    expect(answersTooSlowly(target(PROVEN, 11_000))).toBeUndefined();
  });
});

test("a limit that is proven is said with everything that is told of the target, one that is guessed only for itself", () => {
  const { reason } = withReasonNow(HEALTHY, target(PROVEN, 11_000));
  expect(reason).toContain("limits the rate of its answers: about 5.1 probes a second");
  expect(withReasonNow(HEALTHY, target(GUESS, 11_000)).reason).not.toContain("5.1");
});
