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

  test("fits loss of flows that still get answers as if they had not met what kills many", () => {
    const lossy = [9, 12, 11, 8].map((failures) => flow("ab", failures, 40));
    const dead = Array.from({ length: 12 }, () => flow("ac", 40, 40));
    const laid = sceneOf([...lossy, ...dead]);
    const behind = laid.locations.find(({ kind }) => kind === "behind");
    if (behind === undefined) throw new Error("nothing behind");
    const share = { extent: "share", kind: "dead" } as const;
    laid.set.add({ location: behind, effect: share, cost: 7, share: 0.75, loss: 1 });
    const link = locationAt(laid, "link", "b");
    const fit = estimateEffect(laid.set, link, { extent: "all", kind: "loss" }, 8, false);
    expect(fit.hypothesis.loss).toBeCloseTo(0.25, 2);
  });

  test("fits a loss of nine in ten, as of a router that passes one packet a second", () => {
    const flows = [18, 17, 20, 17].map((failures) => flow("ab", failures, 20, { streak: 1 }));
    const laid = sceneOf([...flows, flow("ac", 0, 20)]);
    const link = locationAt(laid, "link", "b");
    const fit = estimateEffect(laid.set, link, { extent: "all", kind: "loss" }, 8, false);
    expect(fit.hypothesis.loss).toBeCloseTo(0.9, 2);
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

  test("lets one member of a bundle take little more than half of its flows", () => {
    const flows = Array.from({ length: 12 }, () => flow("ab", 20, 20));
    const laid = sceneOf([...flows, flow("ac", 0, 20)]);
    const link = locationAt(laid, "link", "b");
    const part = estimateEffect(laid.set, link, { extent: "share", kind: "dead" }, 6, false);
    const all = estimateEffect(laid.set, link, { extent: "all", kind: "dead" }, 6, false);
    expect(part.hypothesis.share).toBeLessThan(0.6);
    // Twelve of twelve by chance, each with little more than a half.
    expect(all.gain - part.gain).toBeGreaterThan(6);
  });
});
