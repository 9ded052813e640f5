import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/probe/outcome.ts";
import { UnsentFlows } from "../../src/verdict/unsent-flows.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const INTERVAL_MS = 10_000;
const ANSWERED: Outcome = { kind: "answered", rttMs: 1 };

function refused(code: string): Outcome {
  return { kind: "invalid", reason: "send_error", code };
}

/** Rounds of eight flows, an interval each; `outcome` says how a flow's probe ends. */
function rounds(count: number, outcome: (bucket: number, round: number) => Outcome) {
  const target = makeProbed({ flowBuckets: 8 });
  const flows = Array.from({ length: 8 }, (_, at) => makeFlowOf(target, at, 61_000 + at));
  const unsent = new UnsentFlows();
  const step = INTERVAL_MS / flows.length;
  let now = 0;
  for (let round = 0; round < count; round += 1) {
    for (const flow of flows) {
      unsent.outcome(flow, outcome(flow.bucket, round), now);
      now += step;
    }
  }
  return { unsent, flows, now, reason: (at = now) => unsent.reason(8, INTERVAL_MS, at) };
}

describe("flows that this host does not send", () => {
  test("are told with their number and the errno while others are answered", () => {
    const odd = (bucket: number): Outcome => (bucket % 2 === 1 ? refused("EPERM") : ANSWERED);
    expect(rounds(1, odd).reason()).toBeUndefined();
    expect(rounds(3, odd).reason()).toBe(
      "This host does not send the packets of 4 of 8 flows (EPERM), so nothing is known of these: look at the output rules of its firewall.",
    );
  });

  test("are none where a probe was sent between two that were not", () => {
    const at = (round: number) => (round % 2 === 0 ? refused("ENOBUFS") : ANSWERED);
    const mixed = (bucket: number, round: number): Outcome =>
      bucket % 2 === 1 ? at(round) : ANSWERED;
    for (const count of [3, 4, 9]) expect(rounds(count, mixed).reason()).toBeUndefined();
  });

  test("are no fault where they are two, or where another socket holds their ports", () => {
    const two = (bucket: number): Outcome => (bucket % 4 === 1 ? refused("EPERM") : ANSWERED);
    expect(rounds(5, two).reason()).toBeUndefined();
    const held = (bucket: number): Outcome => (bucket % 2 === 1 ? refused("EADDRINUSE") : ANSWERED);
    expect(rounds(5, held).reason()).toBeUndefined();
  });

  test("are no fault where another program holds the ports of three in a row, which are nobody's but theirs", () => {
    const held = (bucket: number): Outcome => (bucket < 3 ? refused("EADDRINUSE") : ANSWERED);
    const { unsent, flows, now } = rounds(5, held);
    for (const flow of flows.slice(0, 3)) unsent.outcome(flow, refused("EADDRINUSE"), now);
    expect(unsent.reason(8, INTERVAL_MS, now)).toBeUndefined();
  });

  test("are told with what to do where other programs hold the ports of all", () => {
    expect(rounds(3, () => refused("EADDRINUSE")).reason()).toBe(
      "Another program holds the source ports of all 8 flows (EADDRINUSE), so nothing is known of these: choose other source_ports.",
    );
  });

  test("are forgotten once they are sent, no longer probed, or not looked at for long", () => {
    const odd = (bucket: number): Outcome => (bucket % 2 === 1 ? refused("EPERM") : ANSWERED);
    const sent = rounds(3, odd);
    for (const flow of sent.flows.slice(0, 4)) sent.unsent.outcome(flow, ANSWERED, sent.now);
    expect(sent.reason()).toBeUndefined();
    const gone = rounds(3, odd);
    for (const flow of gone.flows.slice(0, 4))
      gone.flows[flow.bucket] = Object.assign(flow, { active: false });
    expect(gone.reason()).toBeUndefined();
    const old = rounds(3, odd);
    expect(old.reason(old.now + 40_000)).toBeUndefined();
  });

  test("are all of them after three probes in a row, at once and for half a minute", () => {
    const all = rounds(1, () => refused("ENETUNREACH"));
    expect(all.reason()).toContain("The last 8 packets could not be sent from this host");
    expect(all.reason(all.now + 31_000)).toBeUndefined();
    const last = rounds(1, (bucket) => (bucket > 5 ? refused("ENETUNREACH") : ANSWERED));
    expect(last.reason()).toBeUndefined();
  });
});
