import { expect, test } from "vitest";
import { targetFacts } from "../../../src/http/page/target-facts.js";

const target = {
  flows: [{ state: "failing" }, { state: "up" }, { state: "unknown" }],
  // A failing flow whose path nobody knows is counted on no path.
  paths: [{ probes: 10, failures: 0 }],
  coverage: { paths: 1, confidence: 0.5 },
  success_ratio: 0.75,
  changed_at: Date.UTC(2026, 10, 30, 2, 3, 4),
};

test("the head tells the success of all flows, whether their paths are known or not, and since when the verdict stands", () => {
  expect(targetFacts(target)).toEqual([
    ["Flows failing", "1 of 3"],
    ["Success, five minutes", "75 %"],
    ["Verdict since", "2026-11-30 02:03:04 UTC"],
    ["Paths", "1"],
    ["No path left unseen", "50 %"],
  ]);
});

test("a verdict that has never changed stands since the start", () => {
  const facts = targetFacts({ ...target, success_ratio: null, changed_at: null });
  expect(Object.fromEntries(facts)).toMatchObject({
    "Success, five minutes": "–",
    "Verdict since": "the exporter's start",
  });
});
