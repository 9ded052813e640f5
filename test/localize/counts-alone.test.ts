import { describe, expect, test } from "vitest";
import { asCountsShow } from "../../src/localize/counts-alone.ts";
import { DEAD_ALL } from "../../src/localize/effect.ts";
import type { Found } from "../../src/localize/solve.ts";
import { flow, locationAt, sceneOf } from "../support/scene.ts";

/** So many flows over each of `b` to `e`, the first of them dead. */
function laid(dead: Readonly<Record<string, readonly [dead: number, flows: number]>>) {
  const flows = Object.entries(dead).flatMap(([hop, [lost, all]]) =>
    Array.from({ length: all }, (_, index) =>
      flow(`a${hop}${hop.toUpperCase()}`, index < lost ? 20 : 0, 20),
    ),
  );
  const found = sceneOf(flows);
  const at = (hop: string): Found => ({
    hypothesis: {
      location: locationAt(found, "link", hop),
      effect: DEAD_ALL,
      cost: 6,
      share: 1,
      loss: 1,
    },
    chance: 0.99,
    wide: false,
    rivals: [],
  });
  const location = found.locations.find(({ kind }) => kind === "behind");
  if (location === undefined) throw new Error("nothing behind");
  const effect = { extent: "share", kind: "dead" } as const;
  const back: Found = {
    hypothesis: { location, effect, cost: 7, share: 0.3, loss: 1 },
    chance: 0.97,
    wide: false,
    rivals: [],
  };
  return { scene: found.scene, at, back };
}

describe("dead places beside one that takes answers", () => {
  test("are told where more flows show them than are dead by chance", () => {
    const { scene, at, back } = laid({ b: [20, 20], c: [10, 10], d: [4, 16], e: [4, 16] });
    const kept = [at("c"), at("b")];
    const told = asCountsShow(scene, [...kept, back], kept);
    expect(new Set(told)).toEqual(new Set(kept));
  });

  test("are left out where few flows show them, and the first one is told", () => {
    const { scene, at, back } = laid({ b: [20, 20], c: [3, 3], d: [4, 16], e: [4, 16] });
    const kept = [at("c"), at("b")];
    expect(asCountsShow(scene, [...kept, back], kept)).toEqual([kept[1]]);
  });

  test("are no more than likely where none is shown by more, and the way back is an alternative", () => {
    const { scene, at, back } = laid({ b: [3, 3], d: [5, 16], e: [6, 16] });
    const kept = [at("b")];
    const [told, ...others] = asCountsShow(scene, [...kept, back], kept);
    expect(others).toEqual([]);
    expect(told?.chance).toBe(0.6);
    expect(told?.rivals.map(({ location }) => location.kind)).toEqual(["behind"]);
  });

  test("are no more than likely beside one that more flows show, where a way back that is broken would explain few", () => {
    const { scene, at } = laid({ b: [10, 10], c: [2, 2], d: [0, 4] });
    const kept = [at("c"), at("b")];
    const told = asCountsShow(scene, kept, kept);
    expect(told.map(({ chance }) => chance)).toEqual([0.99, 0.6]);
    const { scene: wide, at: among } = laid({ b: [10, 10], c: [2, 2], d: [0, 40] });
    const both = [among("b"), among("c")];
    expect(asCountsShow(wide, both, both)).toEqual(both);
  });

  test("are left as they are where the way back is told itself", () => {
    const { scene, at, back } = laid({ b: [20, 20], c: [10, 10], d: [4, 16], e: [4, 16] });
    const found = [at("b"), at("c"), back];
    expect(new Set(asCountsShow(scene, found, found))).toEqual(new Set(found));
  });
});
