import { describe, expect, test } from "vitest";
import { type Asked, fitRateLimit } from "../../src/probe/rate-limit-fit.ts";
import { tokenLimit, windowLimit } from "../support/limited-service.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const ENOUGH = 8;

interface Rounds {
  readonly flows: number;
  readonly intervalMs: number;
  readonly seconds: number;
}
const SLOW: Rounds = { flows: 64, intervalMs: 10_000, seconds: 15 };
const FAST: Rounds = { flows: 64, intervalMs: 1000, seconds: 4 };

/** Rounds over the flows; where they are slow three probes more of a flow that begins to fail, as the prober sends them. */
function rounds(
  { flows, intervalMs, seconds }: Rounds,
  answers: (at: number, bucket: number) => boolean,
  jitter: () => number,
): Asked[] {
  const due: { at: number; bucket: number }[] = [];
  const step = intervalMs / flows;
  for (let sent = 0; sent * step < seconds * 1000; sent += 1) {
    due.push({ at: sent * step + 5 * jitter(), bucket: sent % flows });
  }
  const confirmed = new Set<number>();
  const asked: Asked[] = [];
  let extraAt = 0;
  for (;;) {
    due.sort((a, b) => a.at - b.at);
    const next = due.shift();
    if (next === undefined || next.at > seconds * 1000) return asked.slice(-256);
    const answered = answers(next.at, next.bucket);
    asked.push({ ...next, answered });
    if (answered || confirmed.has(next.bucket) || intervalMs < 5000) continue;
    confirmed.add(next.bucket);
    for (const wait of [1250, 2500, 3750]) {
      extraAt = Math.max(extraAt + 500, next.at + wait);
      due.push({ at: extraAt, bucket: next.bucket });
    }
  }
}

describe("fitRateLimit", () => {
  const random = seeded(printedSeed("rate limits"));
  const jitter = (): number => random.next();

  test.each([
    ["5 a second of 6.4", SLOW, () => tokenLimit(5, 5), 5],
    ["20 a second of 64", FAST, () => tokenLimit(20, 5), 20],
    ["20 a second of 32", { ...FAST, intervalMs: 2000 }, () => tokenLimit(20, 5), 20],
    ["100 a second of 256", { ...FAST, flows: 256 }, () => tokenLimit(100, 20), 100],
    ["5 in each second of 6.4", SLOW, () => windowLimit(5, 371), 5],
    ["20 in each second of 64", FAST, () => windowLimit(20, 371), 20],
  ] as const)("see a limit of %s", (_, how, limit, perSecond) => {
    for (let time = 0; time < 20; time += 1) {
      const answers = limit();
      const fit = fitRateLimit(
        rounds(how, (at) => answers(at), jitter),
        how.intervalMs,
      );
      expect(fit?.gain).toBeGreaterThan(ENOUGH);
      expect((fit?.perSecond ?? 0) / perSecond).toBeGreaterThan(0.8);
      expect((fit?.perSecond ?? 0) / perSecond).toBeLessThan(1.25);
    }
  });

  test.each([
    ["probes lost by chance", () => () => random.next() > 0.2],
    [
      "dead flows",
      () => {
        const dead = Array.from({ length: 64 }, () => random.next() < 0.25);
        return (_: number, bucket: number) => !dead[bucket];
      },
    ],
    [
      "lossy flows",
      () => {
        const lossy = Array.from({ length: 64 }, () => random.next() < 0.5);
        return (_: number, bucket: number) => !lossy[bucket] || random.next() > 0.3;
      },
    ],
    ["an outage every few seconds", () => (at: number) => Math.floor(at / 3000) % 2 === 0],
  ] as const)("see none in %s", (_, draw) => {
    const gains: number[] = [];
    for (const how of [SLOW, { ...SLOW, seconds: 40 }, FAST]) {
      for (let time = 0; time < 20; time += 1) {
        gains.push(fitRateLimit(rounds(how, draw(), jitter), how.intervalMs)?.gain ?? 0);
      }
    }
    // Which flows are dead may look like a limit by chance: of 18,000 draws one came to 7.5, the next to 5.
    const [most = 0, next = 0] = gains.sort((a, b) => b - a);
    expect(next).toBeLessThan(ENOUGH);
    expect(most).toBeLessThan(1.5 * ENOUGH);
  });

  test("say nothing where few probes were lost, or of few flows, or where all were", () => {
    const probes = (lost: (index: number) => boolean, flows = 64): Asked[] =>
      Array.from({ length: 64 }, (__, index) => ({
        at: 100 * index,
        answered: !lost(index),
        bucket: index % flows,
      }));
    expect(fitRateLimit([], 6400)).toBeUndefined();
    expect(
      fitRateLimit(
        probes((index) => index % 10 === 0),
        6400,
      ),
    ).toBeUndefined();
    expect(
      fitRateLimit(
        probes((index) => index % 3 === 0, 3),
        6400,
      ),
    ).toBeUndefined();
    expect(
      fitRateLimit(
        probes(() => true),
        6400,
      ),
    ).toBeUndefined();
  });
});
