// Forty targets of 64 flows behind the same four routers, default settings, stock ICMP limits: one broken router is the one
// suspect of each, long before every flow could be traced, and no target is told more paths than there are.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { briefCount, type Count, ManyTargets } from "./many-targets.ts";

const TARGETS = 40;
const WIDTH = 4;
/** The routers give one answer a second each, which all targets share. */
const LEARNING_MS = 30_000;
const FOUND_WITHIN_MS = 60_000;

const told = (counts: readonly Count[]) =>
  [...counts.map(briefCount), ...counts.flatMap(({ accusations }) => accusations)].join("\n");

describe.skipIf(inject("labMissing") !== "")("many targets behind the same routers", () => {
  it("suspect the one that is broken, and nothing else", async () => {
    const many = await ManyTargets.start(TARGETS, WIDTH);
    try {
      const learning = await many.watch([], LEARNING_MS, () => false);
      assert.ok(
        learning.every(({ wrong, tooMany }) => wrong + tooMany === 0),
        told(learning),
      );
      await many.break(["r3"]);
      const isFound = ({ right }: Count) => right >= TARGETS * 0.95;
      const fault = await many.watch(["r3"], FOUND_WITHIN_MS, isFound);
      console.log(told([...learning, ...fault]));
      assert.ok(
        fault.every(({ wrong, tooMany }) => wrong + tooMany === 0),
        told(fault),
      );
      assert.ok(fault.some(isFound), told(fault));
    } finally {
      await many.stop();
    }
  });
});
