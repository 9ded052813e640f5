import { describe, expect, test } from "vitest";
import { muteHops } from "../../src/localize/mute-hops.ts";
import { flow, hopsOf, sceneOf } from "../support/scene.ts";

/** Names of the hops that are held to be mute. */
function muteOf(sweeps: readonly (readonly [path: string, seen: string])[]): string[] {
  const flows = sweeps.map(([path, seen]) =>
    flow(path, 10, 10, { seen: hopsOf(seen), last_hop: hopsOf(seen).at(-1) ?? "none" }),
  );
  const { scene } = sceneOf(flows);
  const mute = muteHops(scene.routes, scene.counts);
  return [...(mute?.hops ?? [])].map((id) => scene.network.hops[id]?.address ?? "");
}

describe("muteHops", () => {
  test("are those that no sweep of a dead flow was answered by, though some crossed them", () => {
    expect(
      muteOf([
        ["abd", "a"],
        ["acd", "acd"],
      ]),
    ).toEqual(hopsOf("b"));
  });

  test("are none where every hop has answered a sweep", () => {
    expect(
      muteOf([
        ["abd", "a"],
        ["abd", "ab"],
        ["acd", "acd"],
      ]),
    ).toEqual([]);
  });

  test("cost more where each is silent at the end only, as behind a fault on the way there", () => {
    const costOf = (seen: (string | null)[]): number => {
      const { scene } = sceneOf([flow("abc", 10, 10, { seen, last_hop: "a" })]);
      return muteHops(scene.routes, scene.counts)?.cost ?? 0;
    };
    const [a = null, , c = null] = hopsOf("abc");
    expect(costOf([a, null, c])).toBeLessThan(costOf([a]) / 1.5);
  });
});
