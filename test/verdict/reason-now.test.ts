import { describe, expect, test } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import { parseAddress } from "../../src/packet/address.ts";
import type { FailureReason } from "../../src/probe/outcome.ts";
import type { ProbedTarget } from "../../src/probe/probed-flow.ts";
import { NOTHING_FOUND } from "../../src/verdict/hysteresis.ts";
import { withReasonNow } from "../../src/verdict/reason-now.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const SUSPECT = {
  from: "10.0.0.1",
  to: "10.0.0.8",
  segment: "forward",
  loss_ratio: 1,
  confidence: 0.9,
  reason: "It is so.",
  alternatives: [],
  place: "link",
  name: "10.0.0.8",
} as const;

/** A target of eight flows, the first of which fail in these ways. */
function target(...failing: FailureReason[]): ProbedTarget {
  const probed = makeProbed({ flowBuckets: 8 });
  for (let bucket = 0; bucket < 8; bucket += 1) {
    const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
    const reason = failing[bucket];
    flow.state = reason === undefined ? "up" : "failing";
    if (reason === undefined) flow.rttMs = 1;
    else flow.lastFailure = { kind: "failed", reason, responder: undefined };
    probed.flows.push(flow);
  }
  return probed;
}

function reason(
  verdict: Localization["verdict"],
  probed: ProbedTarget,
  suspects: Localization["suspects"] = [],
): string {
  return withReasonNow({ verdict, reason: "Of the window.", suspects }, probed).reason;
}

/** A UDP target without payload of which every probe is reported unreachable by these. */
function reported(...responders: string[]): ProbedTarget {
  const probed = makeProbed({ flowBuckets: 8, protocol: "udp" });
  for (let bucket = 0; bucket < 8; bucket += 1) {
    const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
    flow.state = "failing";
    const responder = parseAddress(responders[bucket % responders.length] ?? "");
    flow.lastFailure = { kind: "failed", reason: "unreachable", responder };
    probed.flows.push(flow);
  }
  return probed;
}

const all = (kind: FailureReason): FailureReason[] => Array(8).fill(kind);

describe("the reason before anything was found", () => {
  test("says that no probe has ended only while that is so", () => {
    const probed = target("unreachable");
    expect(withReasonNow(NOTHING_FOUND, probed).reason).toBe(
      "1 of 8 flows fail now (a router or the target answers that the destination is unreachable), 7 work; what that means is not confirmed yet.",
    );
    for (const flow of probed.flows) if (flow !== undefined) flow.state = "unknown";
    expect(withReasonNow(NOTHING_FOUND, probed).reason).toMatch(/^No probe has ended yet\./);
  });
});

describe("the reason of a verdict that stands", () => {
  test("speaks of SYN-ACKs of TCP targets only", () => {
    const meaning = (protocol: "tcp" | "udp") => {
      const probed = makeProbed({ flowBuckets: 8, protocol });
      for (let bucket = 0; bucket < 8; bucket += 1) {
        const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
        flow.state = bucket === 0 ? "failing" : "up";
        if (bucket === 0)
          flow.lastFailure = { kind: "failed", reason: "unfinished", responder: undefined };
        probed.flows.push(flow);
      }
      return reason("path_fault", probed);
    };
    expect(meaning("tcp")).toContain("the server keeps repeating its SYN-ACK");
    expect(meaning("udp")).toContain("answers get to this host, which does not take them");
  });

  test("of a target that is down says which flows have no result yet, and not that it may be up", () => {
    const probed = target("timeout", "timeout");
    for (const flow of probed.flows.slice(2)) if (flow) flow.state = "unknown";
    expect(reason("target_down", probed)).toBe(
      "2 of 8 flows fail now (no answer within 0.5 s), none works; the others have no result yet.",
    );
  });

  test("of healthy says how many flows fail although nothing is confirmed", () => {
    expect(reason("healthy", target())).toBe("Of the window.");
    expect(reason("healthy", target("timeout", "timeout"))).toMatch(
      /^2 of 8 flows fail now \(no answer within [\d.]+ s\), 6 work; a fault is not confirmed yet\.$/,
    );
  });

  test("of a path fault counts the flows that fail now and names the likeliest place", () => {
    expect(reason("path_fault", target("timeout", "prohibited"), [SUSPECT])).toBe(
      "2 of 8 flows fail now (1 by timeout, 1 by prohibited), 6 work; the likeliest place is 10.0.0.1 to 10.0.0.8.",
    );
    expect(reason("path_fault", target("timeout", "ttl_exceeded"), [SUSPECT])).toContain(
      "(1 by timeout, 1 by ttl_exceeded: packets run in a routing loop)",
    );
    const router = { ...SUSPECT, place: "router", name: "r8" } as const;
    expect(reason("path_fault", target("timeout"), [router])).toContain(
      "the likeliest place is the router r8 (10.0.0.1 to 10.0.0.8)",
    );
    expect(reason("path_fault", target(), [SUSPECT])).toMatch(/^No flow fails now;/);
  });

  test("of a target that is down says in which way every flow fails", () => {
    expect(reason("target_down", target(...all("refused")))).toContain(
      "Every flow fails: every probe is refused: the network works up to the target, nothing listens on port 3306",
    );
    expect(reason("target_down", target(...all("prohibited")))).toContain("administratively");
    expect(reason("target_down", target(...all("ttl_exceeded")))).toContain("routing loop");
    expect(reason("target_down", target("timeout"))).toBe(
      "1 of 8 flows fail now (no answer within 0.5 s), 7 were answered when they were probed last.",
    );
    expect(reason("target_down", target())).toMatch(/^No flow fails now;/);
  });

  test("of loss keeps the counts of the window", () => {
    expect(reason("path_loss", target("timeout"))).toMatch(
      /^Of the window\. 1 of 8 flows fail now \(no answer/,
    );
    expect(reason("path_loss", target())).toBe("Of the window. 0 of 8 flows fail now.");
  });

  test("names who answers that the target is unreachable, and what to do if it is the target itself", () => {
    expect(reason("target_down", reported("203.0.113.7"))).toBe(
      "Every flow fails: 203.0.113.7 answers that the destination is unreachable; if that is an address of the target, name it in accept_from.",
    );
    const own = reported("203.0.113.7");
    const { address } = own.target;
    expect(reason("target_down", reported(address.text))).toBe(
      `Every flow fails: ${address.text} answers that the destination is unreachable.`,
    );
    expect(reason("target_down", reported("203.0.113.7", "203.0.113.8"))).toBe(
      "Every flow fails: a router or the target answers that the destination is unreachable.",
    );
  });
});

describe("flows that do not leave this host by the way of its connections", () => {
  const unfollowed = "Connections leave this host by 10.2.0.1 on eth3, probes do not: why.";
  const parted = (settings: Parameters<typeof makeProbed>[0]) => {
    const probed = makeProbed({ flowBuckets: 8, ...settings });
    for (let bucket = 0; bucket < 2; bucket += 1) {
      const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
      flow.state = "up";
      if (bucket === 0) flow.way = { uplink: undefined, unfollowed };
      probed.flows.push(flow);
    }
    return reason("healthy", probed);
  };

  test("are counted, with the reason", () => {
    expect(parted({})).toBe(
      `Of the window. For 1 of 2 flows this says nothing about connections. ${unfollowed}`,
    );
  });

  test("spoil the traces alone where the probes are connections", () => {
    expect(parted({ method: "connect" })).toContain("traces say nothing about connections");
  });
});
