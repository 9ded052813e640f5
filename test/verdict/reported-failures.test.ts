import { expect, test } from "vitest";
import { parseAddress } from "../../src/packet/address.ts";
import type { Outcome } from "../../src/probe/outcome.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { Topology } from "../../src/topology/topology.ts";
import { ReportedFailures } from "../../src/verdict/reported-failures.ts";
import { makeFlow } from "../support/probed-flow.ts";

const ROUTER = "10.0.0.2";

function reportBy(address: string): Outcome {
  return { kind: "failed", reason: "prohibited", responder: parseAddress(address) };
}

const TIMEOUT: Outcome = { kind: "failed", reason: "timeout", responder: undefined };

/** A flow over `10.0.0.1` and `10.0.0.2` whose failure was reported at 1000. */
function reported(by: (flow: ProbedFlow) => string): {
  failures: ReportedFailures;
  lastHop: (now: number) => string;
  flow: ProbedFlow;
} {
  const topology = new Topology();
  const flow = makeFlow();
  topology.learn(flow, ["10.0.0.1", ROUTER, flow.target.target.address.text], 0);
  const failures = new ReportedFailures();
  failures.outcome(flow, reportBy(by(flow)), 1000);
  const lastHop = (now: number): string => failures.reached(flow, topology, undefined, now).lastHop;
  return { failures, lastHop, flow };
}

test("a report stands as long as the flow fails, also over time-outs that follow", () => {
  const { failures, lastHop, flow } = reported(() => ROUTER);
  failures.outcome(flow, TIMEOUT, 11_000);
  expect(lastHop(12_000)).toBe(ROUTER);
  expect(lastHop(600_000)).toBe(ROUTER);
  expect(failures.rejecting(600_000)).toEqual([ROUTER]);
});

test("a report of a flow that is no longer probed stands for a minute", () => {
  const { failures, flow } = reported(() => ROUTER);
  flow.active = false;
  expect(failures.rejecting(60_000)).toEqual([ROUTER]);
  expect(failures.rejecting(62_000)).toEqual([]);
});

test("who says that a TTL ran out was reached, and rejects nothing", () => {
  const { failures, lastHop, flow } = reported(() => ROUTER);
  const responder = parseAddress(ROUTER);
  failures.outcome(flow, { kind: "failed", reason: "ttl_exceeded", responder }, 2000);
  expect(lastHop(3000)).toBe(ROUTER);
  expect(failures.rejecting(3000)).toEqual([]);
});

test("a report is void once the flow has been answered", () => {
  const { failures, lastHop, flow } = reported(() => ROUTER);
  failures.outcome(flow, { kind: "answered", rttMs: 1 }, 11_000);
  expect(lastHop(12_000)).toBe("unknown");
  expect(failures.rejecting(12_000)).toEqual([]);
});

test("the target and this host are no routers on the way", () => {
  expect(reported(({ target }) => target.target.address.text).lastHop(1000)).toBe("unknown");
  expect(reported(({ target }) => target.target.source.text).lastHop(1000)).toBe("unknown");
});
