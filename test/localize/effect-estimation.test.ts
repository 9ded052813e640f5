import { describe, expect, test } from "vitest";
import { estimateEffect } from "../../src/localize/effect-estimation.ts";
import { flow, locationAt, sceneOf } from "../support/scene.ts";

describe("estimateEffect", () => {
  test("fits the loss that all flows of a link show together", () => {
    const lossy = [9, 12, 11, 8].map((failures) => flow("ab", failures, 40));
    const laid = sceneOf([...lossy, ...Array.from({ length: 4 }, () => flow("ac", 0, 40))]);
    const link = locationAt(laid, "link", "b");
    const fit = estimateEffect(laid.set, link, { extent: "all", kind: "loss" }, 8, false);
    expect(fit.hypothesis.loss).toBeCloseTo(0.25, 2);
    expect(fit.hypothesis.share).toBe(1);
    expect(fit.gain).toBeGreaterThan(50);
  });

  test("fits the share of the flows that die where others live", () => {
    const flows = Array.from({ length: 12 }, (_, index) => flow("ab", index < 3 ? 20 : 0, 20));
    const laid = sceneOf([...flows, flow("ac", 0, 20)]);
    const link = locationAt(laid, "link", "b");
    const fit = estimateEffect(laid.set, link, { extent: "share", kind: "dead" }, 10, false);
    expect(fit.hypothesis.share).toBeCloseTo(0.27, 1);
    expect(fit.hypothesis.loss).toBe(1);
  });

  test("counts a row for as many flows as it stands for", () => {
    const alone = sceneOf([flow("ab", 20, 20), flow("ac", 0, 20)]);
    const many = sceneOf([flow("ab", 20, 20, { alike: 5 }), flow("ac", 0, 20)]);
    const dead = { extent: "all", kind: "dead" } as const;
    const [one, five] = [alone, many].map((laid) =>
      estimateEffect(laid.set, locationAt(laid, "link", "b"), dead, 6, false),
    );
    expect(five?.gain).toBeCloseTo(5 * (one?.gain ?? 0), 6);
  });
});
