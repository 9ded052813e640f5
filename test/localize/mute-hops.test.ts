import { describe, expect, test } from "vitest";
import { muteHops } from "../../src/localize/mute-hops.ts";
import { flow, hopsOf, sceneOf } from "../support/scene.ts";

/** Names of the hops that are held to be mute. */
function muteOf(sweeps: readonly (readonly [path: string, seen: string])[]): string[] {
  const flows = sweeps.map(([path, seen]) =>
    flow(path, 10, 10, { seen: hopsOf(seen), last_hop: hopsOf(seen).at(-1) ?? "none" }),
  );
  const { scene } = sceneOf(flows);
  const mute = muteHops(scene);
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
      return muteHops(scene)?.cost ?? 0;
    };
    const [a = null, , c = null] = hopsOf("abc");
    expect(costOf([a, null, c])).toBeLessThan(costOf([a]) / 1.5);
  });

  test("cost less where sweeps of healthy flows meet the same silence, and are none that answers these", () => {
    const muteWith = (controls: Record<string, { heard: number; silent: number }>) => {
      const { scene } = sceneOf([flow("abcd", 10, 10, { seen: hopsOf("a"), last_hop: "a" })]);
      return muteHops({ ...scene, input: { ...scene.input, controls } });
    };
    const alone = muteWith({});
    const silent = muteWith({ b: { heard: 0, silent: 1 } });
    const heard = muteWith({ b: { heard: 1, silent: 1 } });
    expect(silent?.cost).toBeLessThan((alone?.cost ?? 0) - 2);
    expect(silent?.hops.size).toBe(3);
    expect(heard?.hops.size).toBe(2);
  });

  test("count once where they are addresses that the destination is reached from: the last router's", () => {
    const costOf = (...ways: string[]): number => {
      const { scene } = sceneOf(
        ways.map((way) =>
          flow(way, 10, 10, { seen: hopsOf(way.slice(0, 2)), last_hop: way[1] ?? "" }),
        ),
      );
      return muteHops(scene)?.cost ?? 0;
    };
    expect(costOf("abw", "acx", "ady", "aez")).toBe(costOf("abw"));
    // So does what stands before it, where each of its addresses is met behind another hop.
    expect(costOf("abwl", "acxl", "adyl")).toBe(costOf("abwl"));
    // Three that are each met behind both of the hops before are several routers.
    const several = costOf("abwl", "acwl", "abxl", "acxl", "abyl", "acyl");
    expect(several).toBeGreaterThan(costOf("abwl") + 4);
  });
});
