import { expect, test } from "vitest";
import { newEngineCounters } from "../../src/probe/engine-counters.ts";
import { RecentTrouble } from "../../src/view/recent-trouble.ts";

test("trouble is told for five minutes, each kind by itself, and what is no overload never", () => {
  const counters = newEngineCounters();
  counters.skipped.set("budget", 100);
  const recent = new RecentTrouble(counters);
  recent.turn(0);
  expect(Object.values(recent.counts())).toEqual([0, 0, 0]);
  counters.skipped.set("budget", 110).set("stall", 3).set("in_flight", 50);
  counters.receiveDrops = 7;
  for (let now = 0; now <= 300_000; now += 10_000) recent.turn(now);
  expect(recent.counts()).toEqual({
    probes_over_budget_recently: 10,
    probes_stalled_recently: 3,
    receive_drops_recently: 7,
  });
  for (let now = 300_000; now <= 660_000; now += 10_000) recent.turn(now);
  expect(Object.values(recent.counts())).toEqual([0, 0, 0]);
});
