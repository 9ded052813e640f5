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

test("a report stands for a minute, also over time-outs that follow", () => {
  const { failures, lastHop, flow } = reported(() => ROUTER);
  failures.outcome(flow, TIMEOUT, 11_000);
  expect(lastHop(12_000)).toBe(ROUTER);
  expect(lastHop(62_000)).toBe("unknown");
});

test("a report is void once the flow has been answered", () => {
  const { failures, lastHop, flow } = reported(() => ROUTER);
  failures.outcome(flow, { kind: "answered", rttMs: 1 }, 11_000);
  expect(lastHop(12_000)).toBe("unknown");
});

test("the target and this host are no routers on the way", () => {
  expect(reported(({ target }) => target.target.address.text).lastHop(1000)).toBe("unknown");
  expect(reported(({ target }) => target.target.source.text).lastHop(1000)).toBe("unknown");
});
