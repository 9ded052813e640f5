import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Pacer } from "../../src/probe/pacer.ts";
import { type Random, seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const WINDOW_MS = 100;
/** How late a slot may be: until the next one of its target is due, within bounds. */
const latenessOf = (step: number): number => Math.max(60, Math.min(180, step));

/** The most sendings in any window of a tenth of a second. */
function busiestWindow(times: readonly number[]): number {
  let first = 0;
  let most = 0;
  times.forEach((time, index) => {
    while (time - (times[first] ?? 0) >= WINDOW_MS) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

/** Turns of a loop that is meant to turn every 5 ms, on a machine that lets it do so only roughly. */
function* ticks(random: Random, from: number, until: number): Generator<number> {
  for (let now = from; now < until; now += random.chance(0.02) ? 40 : random.between(2, 15)) {
    yield now;
  }
}

/** What a plain list of due times says should be sent and passed over at the given turns. */
function naive(step: number, slots: number, turns: readonly number[], base: number) {
  const sent: { slot: number; now: number }[] = [];
  let skipped = 0;
  let next = 0;
  for (const now of turns) {
    for (; base + next * step <= now; next += 1) {
      if (now - (base + next * step) <= latenessOf(step)) sent.push({ slot: next % slots, now });
      else skipped += 1;
    }
  }
  return { sent, skipped };
}

describe("Pacer", () => {
  test("spreads random targets evenly: no tenth of a second holds three times its share", () => {
    const random = seeded(printedSeed("even spacing"));
    for (let round = 0; round < 8; round += 1) {
      const shared = random.chance(0.5);
      const settings = () => ({
        interval: random.pick([1000, 2000, 5000, 10_000, 15_000]),
        slots: random.pick([8, 16, 32, 64, 128]),
      });
      const same = settings();
      const targets = Array.from({ length: random.between(60, 150) }, (_, index) => {
        const { interval, slots } = shared ? same : settings();
        return { rate: slots / interval, pacer: new Pacer(1000, index, interval, slots) };
      });
      const share = targets.reduce((sum, { rate }) => sum + rate, 0) * WINDOW_MS;
      const times: number[] = [];
      for (const now of ticks(random, 1000, 16_000)) {
        for (const { pacer } of targets) pacer.due(now, () => times.push(now));
      }
      expect(times.length).toBeGreaterThan(share * 140);
      expect(busiestWindow(times), `${targets.length} targets`).toBeLessThan(3 * share);
    }
  });

  test("gives every flow of a target its turn, in order, once an interval", () => {
    const pacer = new Pacer(0, 3, 1000, 10);
    const slots: number[] = [];
    for (let now = 0; now < 3000; now += 5) pacer.due(now, (slot) => slots.push(slot));
    expect(slots).toEqual(Array.from({ length: slots.length }, (_, i) => i % 10));
    expect(slots.length).toBe(30);
  });

  test("passes over what a pause made late, counts it and never catches up", () => {
    const pause = fc.record({
      interval: fc.integer({ min: 100, max: 20_000 }),
      slots: fc.integer({ min: 1, max: 200 }),
      gaps: fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9000 })), {
        minLength: 1,
        maxLength: 200,
      }),
    });
    const agrees = fc.property(pause, ({ interval, slots, gaps }) => {
      const pacer = new Pacer(50, 0, interval, slots);
      const turns: number[] = [];
      // Steps and gaps are rational: an irrational part keeps every turn clear of the moments at which a slot is due, and
      // of those at which it is just not too late, where rounding would decide.
      let now = 50 + Math.SQRT2 / 4;
      const sent: { slot: number; now: number }[] = [];
      let skipped = 0;
      for (const gap of gaps) {
        turns.push(now);
        const at = now;
        skipped += pacer.due(at, (slot) => sent.push({ slot, now: at }));
        now += gap;
      }
      expect({ sent, skipped }).toEqual(naive(interval / slots, slots, turns, 50));
    });
    fc.assert(agrees, { seed: printedSeed("pauses"), numRuns: 200 });
  });

  test("takes a pause of years as fast as one of seconds", () => {
    const pacer = new Pacer(0, 0, 100, 100);
    expect(pacer.due(1e11, () => {})).toBe(1e11 - latenessOf(1));
  });

  test("keeps turn and order when its step changes, and sends next one step later", () => {
    const pacer = new Pacer(0, 0, 1000, 4);
    const slots: number[] = [];
    const take = (now: number) => pacer.due(now, (slot) => slots.push(slot));
    for (const now of [0, 250, 500]) take(now);
    pacer.setStep(1000, 600);
    expect(pacer.step).toBe(1000);
    expect(pacer.dueAt).toBe(1600);
    take(1599);
    expect(slots).toEqual([0, 1, 2]);
    for (const now of [1600, 2600, 3600]) take(now);
    expect(slots).toEqual([0, 1, 2, 3, 0, 1]);
    expect(pacer.dueAt).toBe(4600);
  });

  test("is not put off by setting the step that it has", () => {
    const pacer = new Pacer(0, 0, 1000, 4);
    for (let now = 1; now < 250; now += 1) pacer.setStep(250, now);
    expect(pacer.dueAt).toBe(0);
  });
});
