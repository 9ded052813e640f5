import { describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { ICMP_LIMIT_MS, UnreachablePace } from "../../src/probe/unreachable-pace.ts";
import { makeFlow } from "../support/probed-flow.ts";

/** A UDP flow whose probe was sent at a moment. */
function sentAt(at: number, settings: Parameters<typeof makeFlow>[0] = {}): ProbedFlow {
  const flow = makeFlow({ protocol: "udp", ...settings });
  flow.sentAt = at;
  return flow;
}

function explains(pace: UnreachablePace, flow: ProbedFlow, others: ProbedFlow[] = []): boolean {
  const targets = [flow, ...others].map(({ target }) => target);
  return pace.explains(flow, targets, flow.sentAt + 1000);
}

describe("UnreachablePace", () => {
  test("explain nothing of a host that never answered by port-unreachable", () => {
    expect(explains(new UnreachablePace(), sentAt(1000))).toBe(false);
  });

  test("explain silence on what was sent just before or after a packet that got its answer", () => {
    const pace = new UnreachablePace();
    pace.granted(sentAt(0), 10_000);
    for (const at of [
      10_000 - ICMP_LIMIT_MS + 1,
      9_500,
      10_000,
      10_400,
      10_000 + ICMP_LIMIT_MS - 1,
    ]) {
      expect(explains(pace, sentAt(at)), `${at}`).toBe(true);
    }
    for (const at of [10_000 - ICMP_LIMIT_MS, 10_000 + ICMP_LIMIT_MS, 20_000, 0]) {
      expect(explains(pace, sentAt(at)), `${at}`).toBe(false);
    }
  });

  test("remember all answers of the time in which a probe may still be in flight", () => {
    const pace = new UnreachablePace();
    // A long timeout: by the time the probe is given up, many others were answered.
    for (let at = 10_000; at <= 30_000; at += 1000) pace.granted(sentAt(0), at);
    expect(explains(pace, sentAt(10_500))).toBe(true);
    expect(explains(pace, sentAt(8_000))).toBe(false);
    pace.granted(sentAt(0), 60_000);
    expect(explains(pace, sentAt(10_500))).toBe(true);
    expect(explains(pace, sentAt(40_000))).toBe(false);
  });

  test("take answers in any order", () => {
    const pace = new UnreachablePace();
    for (const at of [10_000, 5_000, 7_000, 6_000, 9_000, 8_000]) pace.granted(sentAt(0), at);
    for (let at = 4_000; at <= 11_000; at += 100) expect(explains(pace, sentAt(at))).toBe(true);
    expect(explains(pace, sentAt(3_900))).toBe(false);
  });

  test("are kept apart by address, and by protocol", () => {
    const pace = new UnreachablePace();
    pace.granted(sentAt(0), 10_000);
    expect(explains(pace, sentAt(10_000, { to: "198.51.100.3" }))).toBe(false);
    expect(explains(pace, sentAt(10_000, { protocol: "tcp" }))).toBe(false);
    expect(explains(pace, sentAt(10_000, { port: 1234 }))).toBe(true);
  });

  test("slow the targets of the address down so that each probe finds an answer of its own", () => {
    const pace = new UnreachablePace();
    pace.granted(sentAt(0), 10_000);
    const flow = sentAt(10_100);
    const other = sentAt(0, { port: 1234 });
    const elsewhere = sentAt(0, { to: "198.51.100.3" });
    const tcp = sentAt(0, { protocol: "tcp" });
    const before = elsewhere.target.pacer.step;
    expect(explains(pace, flow, [other, elsewhere, tcp])).toBe(true);
    for (const { target } of [flow, other]) {
      expect(target.pacer.step).toBeGreaterThan(2 * ICMP_LIMIT_MS);
      expect(target.pacer.step).toBeLessThan(2.2 * ICMP_LIMIT_MS);
    }
    expect(Math.abs(flow.target.pacer.dueAt - other.target.pacer.dueAt)).toBeGreaterThan(
      ICMP_LIMIT_MS,
    );
    for (const { target } of [elsewhere, tcp]) expect(target.pacer.step).toBe(before);
  });

  test("never make a slow target faster", () => {
    const pace = new UnreachablePace();
    pace.granted(sentAt(0), 10_000);
    const slow = sentAt(10_100, { intervalMs: 60_000, flowBuckets: 2 });
    expect(explains(pace, slow)).toBe(true);
    expect(slow.target.pacer.step).toBe(30_000);
  });

  test("let the targets have their own pace again after a while, and for longer not when it was too fast again", () => {
    const pace = new UnreachablePace();
    const flow = sentAt(0);
    const { target } = flow;
    const own = target.pacer.step;
    let now = 10_000;
    /** Slows the target by a silence that is explained; seconds until it has its own pace again. */
    const secondsSlow = (): number => {
      pace.granted(flow, now);
      flow.sentAt = now + 100;
      expect(explains(pace, flow)).toBe(true);
      expect(target.pacer.step).toBeGreaterThan(own);
      const since = now;
      while (target.pacer.step > own) {
        now += 1000;
        pace.turn([target], now);
      }
      return (now - since) / 1000;
    };
    expect(Math.round(secondsSlow() / 60)).toBe(5);
    expect(Math.round(secondsSlow() / 60)).toBe(10);
    for (let again = 0; again < 6; again += 1) secondsSlow();
    expect(Math.round(secondsSlow() / 60)).toBe(30);
    // An hour without trouble, and it begins anew.
    now += 3_700_000;
    pace.turn([target], now);
    expect(Math.round(secondsSlow() / 60)).toBe(5);
  });
});
