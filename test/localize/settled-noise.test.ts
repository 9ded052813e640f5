import { expect, test } from "vitest";
import { HypothesisSet } from "../../src/localize/hypothesis-set.ts";
import { settleNoise } from "../../src/localize/settled-noise.ts";
import { flow, locationAt, sceneOf } from "../support/scene.ts";

/** Forty flows by a with one lost probe on every third, and some by b and d that lose `failures` of 15. */
function settled(failures: number) {
  const found = sceneOf([
    ...Array.from({ length: 40 }, (_, i) => flow("ac", i % 3 === 0 ? 1 : 0, 15)),
    ...Array.from({ length: 2 }, () => flow("bd", failures, 15)),
  ]);
  const { counts } = found.scene;
  const made = (noise: number) => new HypothesisSet(counts, [], noise, 0.1);
  const set = made(0.0005);
  set.add({
    location: locationAt(found, "link", "b"),
    effect: { extent: "all", kind: "loss" },
    cost: 8.5,
    share: 1,
    loss: failures / 15,
  });
  return settleNoise(set, 0.0005, made);
}

test("what noise explains is no fault, once the noise is taken for what it is", () => {
  const { noise, hypotheses } = settled(2);
  expect(noise).toBeGreaterThan(0.005);
  expect(hypotheses).toEqual([]);
});

test("what noise does not explain stays", () => {
  expect(settled(8).hypotheses).toHaveLength(1);
});
