import { expect, test } from "vitest";
import { suspectLabels } from "../../src/metrics/suspect-labels.ts";

const seen = { segment: "forward", loss_ratio: 1, confidence: 1, reason: "" } as const;

test("a router goes on to any hop and keeps its name", () => {
  const router = { ...seen, from: "10.0.0.1", to: "10.0.0.8", place: "router", name: "r8" };
  expect(suspectLabels(router as Parameters<typeof suspectLabels>[0])).toEqual({
    hop_from: "10.0.0.1",
    hop_to: "any",
    segment: "forward",
    place: "router",
    name: "r8",
  });
});
