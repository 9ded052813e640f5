// A hundred and three hundred targets of 64 flows behind the same routers, default settings, stock ICMP limits: what one
// target would have of the routers' answers all of them share.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { briefCount, type Count, ManyTargets } from "../lab/many-targets.ts";

/** So long paths are learnt before anything breaks, or until all are known. */
const LEARNT_MS = 300_000;
/** It breaks when few paths are known. */
const EARLY_MS = 35_000;
/** `known`: so many targets know all their paths by then. Routers give one answer a second each, whatever is asked. */
const CASES = [
  { targets: 100, width: 4, broken: ["r3"], learningMs: LEARNT_MS, known: 100, withinMs: 60_000 },
  { targets: 100, width: 8, broken: ["r3"], learningMs: LEARNT_MS, known: 50, withinMs: 60_000 },
  { targets: 100, width: 4, broken: ["r3"], learningMs: EARLY_MS, known: 0, withinMs: 60_000 },
  { targets: 100, width: 8, broken: ["r3", "r6"], learningMs: 60_000, known: 0, withinMs: 60_000 },
  { targets: 300, width: 4, broken: ["r3"], learningMs: EARLY_MS, known: 0, withinMs: 120_000 },
];

function log(name: string, counts: readonly Count[]): void {
  console.log(
    [
      name,
      ...counts.map(briefCount),
      ...new Set(counts.flatMap(({ accusations }) => accusations.slice(0, 3))),
    ].join("\n"),
  );
}

describe.skipIf(inject("labMissing") !== "")("many targets", () => {
  for (const { targets, width, broken, learningMs, known: least, withinMs } of CASES) {
    const when = `${learningMs / 1000} s after the start`;
    const name = `${targets} behind ${width} routers, ${broken.join(" and ")} broken ${when}`;
    it(`know their paths, and suspect what is broken: ${name}`, async () => {
      const many = await ManyTargets.start(targets, width);
      try {
        const learning = await many.watch([], learningMs, ({ known }) => known === targets, 5000);
        log(`${name}, learning`, learning);
        await many.break(broken);
        const fault = await many.watch(broken, withinMs, () => false);
        log(`${name}, broken`, fault);
        assert.ok((learning.at(-1)?.known ?? 0) >= least, "paths of every target");
        assert.ok(
          fault.every(({ wrong }) => wrong === 0),
          "nothing else is suspected",
        );
        assert.ok((fault.at(-1)?.right ?? 0) >= targets * 0.95, "the right suspect");
      } finally {
        await many.stop();
      }
    });
  }
});
