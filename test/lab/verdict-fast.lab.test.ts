// Default settings, 64 flows, eight parallel routers, stock ICMP limits: how long after a router has broken the verdict
// and the one right suspect are told, and how long after it works again `healthy` is.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { runVerdictCase } from "./verdict-case.ts";
import { briefVerdict, judgeReasons } from "./verdict-judge.ts";
import { pick } from "./verdict-networks.ts";

const RUNS = Number(process.env["LAB_FAST_RUNS"] ?? 3);
const MEDIAN_S = 15;
const WORST_S = 25;
const CASES = pick([["one stage", "drops after the TTL check"]]);

describe.skipIf(inject("labMissing") !== "")("the verdict at the default interval", () => {
  for (const { network, breakage } of CASES) {
    it(`is right within ${MEDIAN_S} s (median of ${RUNS} runs), and healthy again within ${WORST_S} s`, async () => {
      const runs = await Promise.all(
        Array.from({ length: RUNS }, () => runVerdictCase(network, breakage, { interval: "10s" })),
      );
      for (const facts of runs) {
        console.log(`${briefVerdict(network.name, breakage, facts)}\n${facts.timeline}`);
        judgeReasons(facts);
      }
      const found = runs.map(({ foundAfter }) => foundAfter).sort((a, b) => a - b);
      const healed = runs.map(({ healedAfter }) => healedAfter);
      const times = `found after ${found.map((s) => s.toFixed(1)).join(", ")} s, healed after ${healed.map((s) => s.toFixed(1)).join(", ")} s`;
      console.log(times);
      assert.ok((found[found.length >> 1] ?? Infinity) <= MEDIAN_S, times);
      assert.ok(Math.max(...found) <= WORST_S, times);
      assert.ok(Math.max(...healed) <= WORST_S, times);
    });
  }
});
