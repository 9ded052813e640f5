import { expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { Surveyor } from "../../src/survey/surveyor.ts";
import { Topology } from "../../src/topology/topology.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const TARGETS = 200;
const FLOWS = 64;

test("of 12,800 flows that fail at once a turn looks at a few hundred, and each is told of within a second", () => {
  const perTurn: number[] = [];
  const told = new Set<ProbedFlow>();
  let packets = 0;
  const topology = new Topology();
  const tracer = new Tracer({
    maxHops: 30,
    attempts: 3,
    packetsPerSecond: 200,
    hopPacketsPerSecond: 10,
    now: 0,
    send: () => {
      packets += 1;
      return { identification: packets, timestamp: packets, sentAt: now };
    },
    observer: {
      onTraced: () => {},
      onUntraceable: (flow) => {
        told.add(flow);
        perTurn[perTurn.length - 1] = (perTurn.at(-1) ?? 0) + 1;
      },
      onTracePacket: () => {},
      onRateLimited: () => {},
    },
    pathOf: () => undefined,
    surveys: new Surveyor({ begin: () => false, topology: () => topology, onLearnt: () => {} }),
  });
  let now = 0;
  for (let index = 0; index < TARGETS; index += 1) {
    const target = makeProbed({ name: `t${index}`, to: `198.51.100.${index}`, flowBuckets: FLOWS });
    for (let bucket = 0; bucket < FLOWS; bucket += 1) {
      tracer.failed(makeFlowOf(target, bucket, 61_000 + bucket), now);
    }
  }
  // After a minute those that could not be swept are told of as untraceable.
  for (now = 60_001; now < 61_001; now += 5) {
    perTurn.push(0);
    tracer.turn(now);
  }
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(512);
  expect(told.size).toBeGreaterThan(TARGETS * FLOWS - 500);
  // A second of the budget, and what it may save up.
  expect(packets).toBeLessThanOrEqual(200 + 20);
});
