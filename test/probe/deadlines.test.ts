import fc from "fast-check";
import { expect, test } from "vitest";
import { Deadlines } from "../../src/probe/deadlines.ts";
import { printedSeed } from "../support/seed.ts";

test("an item expires at its deadline, not before", () => {
  const deadlines = new Deadlines<string>();
  deadlines.add("a", 100, 50);
  const expired: [string, number][] = [];
  const each = (item: string, deadline: number) => expired.push([item, deadline]);
  deadlines.expire(149.9, each);
  expect(expired).toEqual([]);
  deadlines.expire(150, each);
  deadlines.expire(1000, each);
  expect(expired).toEqual([["a", 150]]);
});

test("an item that is added while others expire is kept for later", () => {
  const deadlines = new Deadlines<number>();
  deadlines.add(1, 0, 10);
  const expired: number[] = [];
  deadlines.expire(10, (item) => {
    expired.push(item);
    if (item < 3) deadlines.add(item + 1, 5, 10);
  });
  expect(expired).toEqual([1]);
  deadlines.expire(15, (item) => expired.push(item));
  expect(expired).toEqual([1, 2]);
});

test("random items expire as a plain list says, each once and in order of sending", () => {
  const step = fc.record({
    gap: fc.nat(40),
    timeouts: fc.array(fc.constantFrom(10, 50, 1000), { maxLength: 5 }),
  });
  const agrees = fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
    const deadlines = new Deadlines<{ id: number; timeout: number }>();
    let list: { id: number; timeout: number; at: number }[] = [];
    let now = 0;
    let id = 0;
    for (const { gap, timeouts } of steps) {
      now += gap;
      for (const timeout of timeouts) {
        id += 1;
        deadlines.add({ id, timeout }, now, timeout);
        list.push({ id, timeout, at: now + timeout });
      }
      const expired: { id: number; timeout: number; at: number }[] = [];
      deadlines.expire(now, (item, at) => expired.push({ ...item, at }));
      for (const timeout of [10, 50, 1000]) {
        const of = (items: typeof list) => items.filter((item) => item.timeout === timeout);
        expect(of(expired)).toEqual(of(list.filter(({ at }) => at <= now)));
      }
      list = list.filter(({ at }) => at > now);
    }
  });
  fc.assert(agrees, { seed: printedSeed("deadlines"), numRuns: 60 });
});

test("an item that was taken out does not expire, whatever stands in its place by then", () => {
  const deadlines = new Deadlines<string>();
  const expired: string[] = [];
  const each = (item: string) => expired.push(item);
  const first = deadlines.add("a", 0, 10);
  deadlines.add("b", 0, 10);
  deadlines.cancel("a", first, 10);
  deadlines.cancel("a", first, 20);
  deadlines.expire(10, each);
  expect(expired).toEqual(["b"]);
  // The places are used again, more of them than there were.
  for (let at = 0; at < 200; at += 1) deadlines.add(String(at), 100 + at, 10);
  deadlines.cancel("a", first, 10);
  deadlines.expire(1000, each);
  expect(expired).toEqual(["b", ...Array.from({ length: 200 }, (_, at) => String(at))]);
});
