import { expect, test } from "vitest";
import { commonOnset, countsSince, isHeavyLoss } from "../../src/verdict/common-onset.ts";
import { FlowWindow } from "../../src/verdict/flow-window.ts";
import { WindowMemory } from "../../src/verdict/window-memory.ts";

const INTERVAL_MS = 2000;
const ROUND_MS = 3000;
const ANSWERED = "....................";

/** Windows of flows probed a tenth of a second one after the other; a letter a round. */
function windowsOf(...flows: readonly string[]): { windows: FlowWindow[]; now: number } {
  const memory = new WindowMemory();
  const windows = flows.map((results, index) => {
    const at = (round: number): number => index * 100 + round * INTERVAL_MS;
    const window = new FlowWindow(at(0), memory);
    [...results].forEach((result, round) => {
      window.add(result === "x", at(round));
    });
    return window;
  });
  return { windows, now: Math.max(...windows.map(({ lastAt }) => lastAt)) };
}

function onsetOf(...flows: readonly string[]): number | undefined {
  const { windows, now } = windowsOf(...flows);
  return commonOnset(windows, ROUND_MS, now)?.at;
}

test("a fault began with the first of the flows that most began to fail with, if one has answered since", () => {
  expect(onsetOf(`${ANSWERED}xxxx`, `${ANSWERED}xxx.`, `${ANSWERED}xx.x`)).toBe(40_000);
  // A loss of long ago is no part of it.
  expect(
    onsetOf("..x.................xxxx", `${ANSWERED}xxx.`, `${ANSWERED}xx.x`, `${ANSWERED}xxxx`),
  ).toBe(40_100);
});

test("none is known where all that fail are dead, where they began one by one, or where they are few", () => {
  expect(onsetOf(`${ANSWERED}xxxx`, `${ANSWERED}xxxx`, `${ANSWERED}xxxx`)).toBeUndefined();
  expect(onsetOf(`x.${ANSWERED}`, `....x.${ANSWERED}`, `........x.${ANSWERED}`)).toBeUndefined();
  expect(onsetOf(`${ANSWERED}xx.x`, `${ANSWERED}xxxx`)).toBeUndefined();
  expect(onsetOf(ANSWERED, ANSWERED)).toBeUndefined();
});

test("counts since then leave out what was answered before, and nothing of what failed", () => {
  const { windows, now } = windowsOf(`${ANSWERED}xxx.`, `${ANSWERED}....`, `..x...............xx.`);
  const since = windows.map((window) =>
    countsSince(window.counts(now), window, 20 * INTERVAL_MS, now),
  );
  expect(since.map(({ probes, failures }) => [probes, failures])).toEqual([
    [4, 3],
    // Of one that has not failed about as many as its probes let expect.
    [3, 0],
    [21, 3],
  ]);
});

test("flows that began to fail at once are not dead where a quarter of them, and more than one, has answered since, or any where that is long ago", () => {
  const isLoss = (...flows: readonly string[]): boolean => {
    const { windows, now } = windowsOf(...flows.map((results) => ANSWERED + results));
    return isHeavyLoss(commonOnset(windows, ROUND_MS, now));
  };
  expect(isLoss("xxxx", "xxx.", "xx.x", "xxxx", "xxxx")).toBe(true);
  expect(isLoss("xxxx", "xxx.", "xxxx", "xxxx")).toBe(false);
  expect(isLoss("xxxx", "xxxx", "xxxx", "xxxx")).toBe(false);
  const { windows, now } = windowsOf(
    ...["xxxxxx", "xxx.xx", "xxxxxx"].map((row) => ANSWERED + row),
  );
  const onset = commonOnset(windows, ROUND_MS, now);
  expect(isHeavyLoss(onset, 40_000)).toBe(false);
  expect(isHeavyLoss(onset, 40_001)).toBe(true);
});
