import { describe, expect, test } from "vitest";
import type { HopReport } from "../../src/probe/reply/hop-report.ts";
import { OnPath } from "../../src/topology/hop-facts.ts";
import { address } from "../support/address.ts";

const HOUR = 3_600_000;

function report(responder: string, changes: Partial<HopReport> = {}): HopReport {
  return {
    responder: address(responder),
    ttl: 2,
    quotedTtl: 1,
    dscp: 0,
    translation: undefined,
    mpls: [],
    interfaces: [],
    ...changes,
  };
}

const TRANSLATION = {
  source: { address: address("203.0.113.9"), port: 61_000 },
  destination: undefined,
};

/** A stack of one label. */
function stack(label: number, ttl = 1): HopReport["mpls"] {
  return [{ label, trafficClass: 0, bottom: true, ttl }];
}

describe("facts of a way", () => {
  test("are kept by hop, nearest first, at the lowest TTL that met it", () => {
    const facts = new OnPath();
    facts.add(report("10.0.0.3", { ttl: 4 }), 1);
    facts.add(report("10.0.0.1", { ttl: 1 }), 2);
    facts.add(report("10.0.0.3", { ttl: 3, quotedTtl: 2 }), 3);
    facts.add(report("10.0.0.9", { ttl: 0 }), 4);
    expect(facts.hops().map(({ address: hop, ttl, quotedTtl }) => [hop, ttl, quotedTtl])).toEqual([
      ["10.0.0.1", 1, 1],
      ["10.0.0.3", 3, 2],
      ["10.0.0.9", null, 1],
    ]);
  });

  test("name the NAT by the nearest hop behind it, and count what it translated", () => {
    const facts = new OnPath();
    expect(facts.nat).toBeUndefined();
    facts.add(report("10.0.0.1", { ttl: 1 }), 1);
    facts.add(report("10.0.0.3", { ttl: 3, translation: TRANSLATION }), 2);
    facts.add(report("10.0.0.2", { ttl: 2, translation: TRANSLATION }), 3);
    expect(facts.nat).toEqual({ replies: 2, fromTtl: 2, translation: TRANSLATION });
    // It is gone when no hop has shown it for an hour, though they still answer.
    for (let at = 0; at <= HOUR; at += HOUR / 6) {
      facts.add(report("10.0.0.2"), 4 + at);
      facts.prune(4 + at);
    }
    expect(facts.nat).toBeUndefined();
  });

  test("name the nearest hop that got another code point", () => {
    const facts = new OnPath();
    facts.add(report("10.0.0.1", { ttl: 1, dscp: 46 }), 1);
    facts.add(report("10.0.0.3", { ttl: 3, dscp: 0 }), 1);
    facts.add(report("10.0.0.2", { ttl: 2, dscp: 8 }), 1);
    expect(facts.dscpChange(46)).toMatchObject({ address: "10.0.0.2", dscp: 8, ttl: 2 });
    expect(new OnPath().dscpChange(46)).toBeUndefined();
  });

  test("keep the latest distinct label stacks, not more than eight", () => {
    const facts = new OnPath();
    for (let label = 0; label < 20; label += 1)
      facts.add(report("10.0.0.1", { mpls: stack(100 + label) }), label);
    facts.add(report("10.0.0.1", { mpls: stack(115, 7) }), 30);
    facts.add(report("10.0.0.1"), 31);
    const [hop] = facts.hops();
    expect(hop?.stacks.map(([entry]) => entry?.label)).toEqual([
      112, 113, 114, 116, 117, 118, 119, 115,
    ]);
    expect(hop?.stacks.at(-1)).toEqual(stack(115, 7));
  });

  test("are forgotten an hour after a hop was heard of last, and bounded in number", () => {
    const facts = new OnPath();
    facts.add(report("10.0.0.1"), 0);
    facts.add(report("10.0.0.2"), 10);
    facts.add(report("10.0.0.1"), 20);
    facts.prune(HOUR + 15);
    expect(facts.hops().map(({ address: hop }) => hop)).toEqual(["10.0.0.1"]);
    for (let at = 0; at < 3000; at += 1) {
      facts.add(report(`10.1.${at >> 8}.${at & 255}`), HOUR + at);
    }
    expect(facts.hops()).toHaveLength(1024);
    expect(facts.hops().at(-1)?.address).toBe("10.1.11.183");
  });
});
