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

  test("cost more where one is silent at the end only, as behind a fault on the way there", () => {
    const costOf = (seen: (string | null)[]): number => {
      const { scene } = sceneOf([flow("abz", 10, 10, { seen, last_hop: "a" }), flow("adz", 0, 10)]);
      return muteHops(scene)?.cost ?? 0;
    };
    const [a = null, , z = null] = hopsOf("abz");
    expect(costOf([a, null, z])).toBeLessThan(costOf([a]) / 1.5);
  });

  const muteWith = (
    path: string,
    controls: Record<string, { heard: number; silent: number }>,
  ): ReturnType<typeof muteHops> => {
    const { scene } = sceneOf([
      flow(path, 10, 10, { seen: hopsOf("a"), last_hop: "a" }),
      flow("ayz", 0, 10),
    ]);
    return muteHops({ ...scene, input: { ...scene.input, controls } });
  };

  test("cost less where sweeps of healthy flows meet the same silence, and are none that answers these", () => {
    const alone = muteWith("abz", {});
    const silent = muteWith("abz", { b: { heard: 0, silent: 1 } });
    const heard = muteWith("abz", { b: { heard: 1, silent: 1 } });
    expect(silent?.cost).toBeLessThan((alone?.cost ?? 0) - 2);
    expect(silent?.hops.size).toBe(2);
    expect(heard?.hops.size).toBe(1);
  });

  test("are routers that all flows cross in the end though these answer healthy flows, and cost less where they do not", () => {
    const alone = muteWith("abz", {});
    const heard = muteWith("abz", { z: { heard: 1, silent: 1 } });
    const silent = muteWith("abz", { z: { heard: 0, silent: 1 } });
    expect(heard?.hops.size).toBe(2);
    expect(heard?.cost).toBe(alone?.cost);
    expect(silent?.cost).toBeLessThan((alone?.cost ?? 0) - 2);
  });

  test("cost little more where more routers in a row are crossed by all flows before the last", () => {
    const costOf = (row: string): number => {
      const { scene } = sceneOf([
        flow(`ab${row}`, 10, 10, { seen: hopsOf("ab"), last_hop: "b" }),
        flow(`ac${row}`, 0, 10),
      ]);
      return muteHops(scene)?.cost ?? 0;
    };
    expect(costOf("xyz")).toBe(costOf("z") + 2);
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

  test("cost little more where they follow on each other: their answers mostly come back by the first of them", () => {
    const costOf = (branch: string): number => {
      const { scene } = sceneOf([
        flow(`a${branch}z`, 10, 10, { seen: hopsOf("a"), last_hop: "a" }),
        flow("ayz", 0, 10),
      ]);
      return muteHops(scene)?.cost ?? 0;
    };
    expect(costOf("bcd")).toBe(costOf("b") + 2);
  });

  test("are those before a last router that never answers as well, though they answer healthy flows", () => {
    const { scene } = sceneOf([
      flow("abz.", 10, 10, { seen: hopsOf("a"), last_hop: "a" }),
      flow("ayz.", 0, 10),
    ]);
    const controls = { z: { heard: 2, silent: 0 } };
    const mute = muteHops({ ...scene, input: { ...scene.input, controls } });
    expect([...(mute?.hops ?? [])].map((id) => scene.network.hops[id]?.address).sort()).toEqual([
      "b",
      "z",
    ]);
  });
});
