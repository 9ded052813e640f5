import { describe, expect, test } from "vitest";
import { Outages } from "../../src/verdict/outages.ts";

const NEVER = { streak: 0, recoveredAt: Number.NEGATIVE_INFINITY, outageMs: 0 };

/** One flow fails once a second from `from` to before `to`, then answers, and is held to be healed three seconds later. */
function outage(outages: Outages, from: number, to: number, healed = NEVER) {
  for (let at = from; at < to; at += 1000)
    outages.failed({ ...healed, streak: (at - from) / 1000 }, at);
  outages.answered();
  return { streak: 0, recoveredAt: to + 3000, outageMs: to - 1000 - from };
}

describe("outages", () => {
  test("that come back after they were held to be healed are not over before twice as long a pause", () => {
    const outages = new Outages();
    const healed = outage(outages, 0, 5000);
    expect(outages.isComingBack(8000)).toBe(false);
    const again = outage(outages, 12_000, 17_000, healed);
    expect(outages.isComingBack(again.recoveredAt)).toBe(true);
    // The pause before was 8 s.
    expect(outages.isComingBack(16_000 + 16_000)).toBe(true);
    expect(outages.isComingBack(16_000 + 16_001)).toBe(false);
  });

  test("are over after half a minute in any case", () => {
    const outages = new Outages();
    outage(outages, 30_000, 35_000, outage(outages, 0, 5000));
    expect(outages.isComingBack(34_000 + 30_000)).toBe(true);
    expect(outages.isComingBack(34_000 + 30_001)).toBe(false);
  });

  test("do not come back after one that lasted long, though some of its flows were not probed at its beginning", () => {
    const outages = new Outages();
    const healed = outage(outages, 0, 45_000);
    const again = outage(outages, 65_000, 70_000, { ...healed, outageMs: 25_000 });
    expect(outages.isComingBack(again.recoveredAt)).toBe(false);
  });

  test("are over at once where they lasted long", () => {
    const outages = new Outages();
    const healed = outage(outages, 0, 40_000);
    const again = outage(outages, 70_000, 75_000, healed);
    expect(outages.isComingBack(again.recoveredAt)).toBe(false);
    const other = new Outages();
    const second = outage(other, 30_000, 75_000, outage(other, 0, 5000));
    expect(other.isComingBack(second.recoveredAt)).toBe(false);
  });

  test("are two apart where the next begins half a minute after the first was healed", () => {
    const outages = new Outages();
    const healed = outage(outages, 0, 5000);
    const later = outage(outages, 39_000, 44_000, healed);
    expect(outages.isComingBack(later.recoveredAt)).toBe(false);
  });

  test("are no further apart than nobody fails, however long one flow of many that lose a part has worked", () => {
    const outages = new Outages();
    for (let at = 0; at < 60_000; at += 2000) {
      outages.failed(NEVER, at);
      outages.answered();
    }
    outages.failed({ streak: 0, recoveredAt: 40_000, outageMs: 3000 }, 60_000);
    outages.answered();
    expect(outages.isComingBack(64_000)).toBe(true);
    expect(outages.isComingBack(64_001)).toBe(false);
  });

  test("do not come back with a flow that worked for a while as others failed, be it in the first of all", () => {
    const outages = new Outages();
    for (let at = 0; at < 18_000; at += 1000) {
      outages.failed({ ...NEVER, streak: 1 }, at);
      outages.answered();
    }
    expect(outages.isComingBack(19_000)).toBe(false);
    const one = new Outages();
    one.failed(NEVER, 0);
    for (let at = 1000; at < 18_000; at += 1000) {
      const healed = at > 12_000 ? { recoveredAt: 9000, outageMs: 4000 } : {};
      one.failed({ ...NEVER, ...healed }, at);
      one.answered();
    }
    expect(one.isComingBack(19_000)).toBe(false);
  });

  test("do not begin with flows that go on failing while others have come back", () => {
    const outages = new Outages();
    const slow = (from: number, to: number, healed: typeof NEVER) => {
      outage(outages, from, to, healed);
      // One more flow is not probed before it is healed, too.
      outages.failed({ ...healed, streak: 4 }, to + 6000);
      outages.answered();
      return { streak: 0, recoveredAt: to + 9000, outageMs: to + 6000 - from };
    };
    const healed = slow(0, 50_000, NEVER);
    const again = slow(90_000, 140_000, healed);
    expect(outages.isComingBack(again.recoveredAt)).toBe(false);
  });

  test("are forgotten after five minutes", () => {
    const outages = new Outages();
    const healed = outage(outages, 0, 5000);
    outage(outages, 35_000, 36_000, healed);
    expect(outages.isComingBack(50_000)).toBe(true);
    const next = outage(outages, 400_000, 401_000, NEVER);
    expect(outages.isComingBack(next.recoveredAt)).toBe(false);
  });
});
