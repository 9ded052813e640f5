import type { Target } from "../../src/flow/target.ts";
import { Pacer } from "../../src/probe/pacer.ts";
import { FlowKeyer, identify } from "../../src/probe/probe-id.ts";
import { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { readSent, type SentPacket } from "./sent-packet.ts";
import { makeTarget } from "./target.ts";

const keyer = new FlowKeyer(Buffer.alloc(32, 3));

/** A target as the engine holds it. */
export function makeProbed(settings: Parameters<typeof makeTarget>[0] = {}): ProbedTarget {
  const target: Target = makeTarget(settings);
  return new ProbedTarget(target, new Pacer(0, 0, target.intervalMs, target.flowBuckets));
}

/** A flow in bucket 0, with nothing in flight. */
export function makeFlow(
  settings: Parameters<typeof makeTarget>[0] = {},
  sourcePort = 61_000,
): ProbedFlow {
  return new ProbedFlow(makeProbed(settings), 0, sourcePort, keyer);
}

/** A flow of a target that exists. */
export function makeFlowOf(target: ProbedTarget, bucket: number, sourcePort: number): ProbedFlow {
  return new ProbedFlow(target, bucket, sourcePort, keyer);
}

/** A packet of the flow with a hop limit, as a sweep sends it. */
export function sweepPacket(flow: ProbedFlow, ttl: number, count = 40): SentPacket {
  flow.packet.stamp(ttl, identify(ttl, count), 7000 + count);
  return readSent(flow.packet.bytes.subarray(0, flow.packet.length));
}

/** Puts an end-to-end probe of the flow in flight and returns its packet. */
export function probePacket(flow: ProbedFlow, count = 10, sentAt = 1000): SentPacket {
  flow.identification = identify(0, count);
  flow.timestamp = 9000 + count;
  flow.inFlight = true;
  flow.sentAt = sentAt;
  flow.deadline = sentAt + flow.target.target.timeoutMs;
  flow.packet.stamp(64, flow.identification, flow.timestamp);
  return readSent(flow.packet.bytes.subarray(0, flow.packet.length), sentAt);
}
