import fc from "fast-check";
import { expect, test } from "vitest";
import { LearntWays } from "../../src/topology/learnt-ways.ts";
import { printedSeed } from "../support/seed.ts";

const HOUR_MS = 3_600_000;
const MAX_WAYS = 4096;

test("ways are remembered by source port as a plain map would, the one learnt last at the end", () => {
  const step = fc.record({
    what: fc.constantFrom("add", "add", "add", "delete", "prune"),
    port: fc.integer({ min: 1, max: 40 }),
    gap: fc.constantFrom(0, 1000, HOUR_MS / 4),
  });
  const agrees = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const learnt = new LearntWays();
    const plain = new Map<number, { way: readonly string[]; at: number }>();
    let now = 0;
    for (const [index, { what, port, gap }] of steps.entries()) {
      now += gap;
      if (what === "add") {
        const way = [`hop-${index}`];
        learnt.add(port, way, now);
        plain.delete(port);
        plain.set(port, { way, at: now });
      } else if (what === "delete") {
        learnt.delete(port);
        plain.delete(port);
      } else {
        const old = [...plain].filter(([, { at }]) => now - at > HOUR_MS);
        for (const [known] of old) plain.delete(known);
        expect(learnt.prune(now)).toBe(old.length > 0);
      }
      expect(learnt.of(port)).toBe(plain.get(port)?.way);
    }
    const since = (time: number) =>
      [...plain].flatMap(([port, { way, at }]) => (at >= time ? [[port, way, at]] : []));
    expect([...learnt.since(0)]).toEqual(since(0));
    expect([...learnt.since(now - 1000)]).toEqual(since(now - 1000));
  });
  fc.assert(agrees, { seed: printedSeed("learnt ways"), numRuns: 100 });
});

test("the oldest ways make room", () => {
  const learnt = new LearntWays();
  for (let port = 1; port <= MAX_WAYS + 2; port += 1) learnt.add(port, [`${port}`], port);
  expect(learnt.of(1)).toBeUndefined();
  expect(learnt.of(2)).toBeUndefined();
  expect(learnt.of(3)).toEqual(["3"]);
  expect([...learnt.since(0)]).toHaveLength(MAX_WAYS);
});
