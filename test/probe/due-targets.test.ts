import { expect, test } from "vitest";
import { DueTargets } from "../../src/probe/due-targets.ts";
import { Pacer } from "../../src/probe/pacer.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const random = seeded(printedSeed("due targets"));

interface Item {
  readonly name: number;
  readonly pacer: Pacer;
}

test("targets come in the order in which a look at each would find them due, whatever comes, goes and changes its pace", () => {
  const due = new DueTargets<Item>();
  const all = new Set<Item>();
  let now = 0;
  let served = 0;
  // How many are served by then goes by the paces that are drawn.
  for (let turn = 0; turn < 3000 || (served <= 1000 && turn < 100_000); turn += 1) {
    now += random.between(1, 12);
    if (all.size < 3 || random.chance(0.02)) {
      const item = { name: turn, pacer: new Pacer(now, turn, random.between(50, 2000), 8) };
      all.add(item);
      due.add(item);
    }
    if (all.size > 3 && random.chance(0.01)) {
      const gone = random.pick([...all]);
      all.delete(gone);
      due.delete(gone);
    }
    if (random.chance(0.05)) random.pick([...all]).pacer.setStep(random.between(5, 900), now);
    for (;;) {
      const waiting = [...all].filter(({ pacer }) => pacer.dueAt <= now);
      expect(due.isDue(now)).toBe(waiting.length > 0);
      const item = due.take(now);
      if (item === undefined) {
        expect(waiting).toEqual([]);
        break;
      }
      expect(item.pacer.dueAt).toBe(Math.min(...waiting.map(({ pacer }) => pacer.dueAt)));
      item.pacer.due(now, () => {
        served += 1;
        // Its pace may change while it is served: an endpoint was found to limit its answers.
        if (random.chance(0.02)) item.pacer.setStep(random.between(5, 900), now);
      });
      due.putBack(item);
    }
  }
  expect(served).toBeGreaterThan(1000);
});

test("one that is taken away while it is served does not come back", () => {
  const due = new DueTargets<Item>();
  const item = { name: 1, pacer: new Pacer(0, 0, 100, 2) };
  due.add(item);
  expect(due.take(0)).toBe(item);
  item.pacer.due(0, () => {});
  due.delete(item);
  due.putBack(item);
  item.pacer.setStep(1, 0);
  expect(due.isDue(1e6)).toBe(false);
});

test("several are taken as one after the other is, and no more than are asked for", () => {
  const due = new DueTargets<Item>();
  const items = [3, 1, 2, 5, 4].map((name) => ({ name, pacer: new Pacer(10 * name, 0, 100, 2) }));
  for (const item of items) due.add(item);
  expect(due.takeSome(9, 8)).toEqual([]);
  const first = due.takeSome(45, 3);
  expect(first.map(({ name }) => name)).toEqual([1, 2, 3]);
  expect(due.takeSome(45, 3).map(({ name }) => name)).toEqual([4]);
  // One that could not be served is due still.
  for (const item of first) due.putBack(item);
  expect(due.takeSome(45, 1).map(({ name }) => name)).toEqual([1]);
});
