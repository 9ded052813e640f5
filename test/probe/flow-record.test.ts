import { expect, test } from "vitest";
import { makeFlow, makeFlowOf, makeProbed } from "../support/probed-flow.ts";

test("a flow begins with nothing known", () => {
  const flow = makeFlow();
  expect([flow.rttMs, flow.failingSince, flow.heldRttMs]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([flow.sentAt, flow.deadline, flow.nextPort, flow.failures]).toEqual([0, 0, 0, 0]);
  for (const at of [flow.lastSentAt, flow.slotAt, flow.confirmedAt]) expect(at).toBe(-Infinity);
});

test("each number of a flow is its own, however many flows the target has had", () => {
  const target = makeProbed({ flowBuckets: 4 });
  const flows = Array.from({ length: 11 }, (_, at) => makeFlowOf(target, at % 4, 61_000 + at));
  const numbers = [
    ...["sentAt", "deadline", "deadlineNumber", "timestamp", "identification", "packets"],
    ...["lastSentAt", "rttMs", "slotAt", "failures", "nextPort", "movesAt", "confirmedAt"],
    ...["failingSince", "heldRttMs"],
  ] as "sentAt"[];
  flows.forEach((flow, at) => {
    numbers.forEach((name, place) => {
      flow[name] = 100 * at + place + 0.5;
    });
  });
  flows.forEach((flow, at) => {
    expect(numbers.map((name) => flow[name])).toEqual(
      numbers.map((_, place) => 100 * at + place + 0.5),
    );
  });
});

test("what is not known any more is forgotten", () => {
  const flow = makeFlow();
  flow.failingSince = 5;
  flow.heldRttMs = 0;
  expect([flow.failingSince, flow.heldRttMs]).toEqual([5, 0]);
  flow.failingSince = undefined;
  flow.heldRttMs = undefined;
  expect([flow.failingSince, flow.heldRttMs]).toEqual([undefined, undefined]);
});
