import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { Search } from "../../src/localize/search.ts";
import { finish, flow, hopsOf, sceneOf } from "../support/scene.ts";

/** What the search finds: kind and hop of each hypothesis. */
function found(flows: readonly FlowEvidence[]): string[] {
  const { scene, locations, set } = sceneOf(flows);
  finish(new Search(locations).improve(set, 1));
  return set.hypotheses
    .map(({ location: { kind, hops }, effect }) => {
      const at = hops.map((id) => scene.network.hops[id]?.address).join("");
      return `${kind} ${at} ${effect.kind} ${effect.extent}`.replace("  ", " ");
    })
    .sort();
}

/** Eight flows over each of four ways; of some of them all fail, their sweeps ending before the hop. */
function fabric(failing: string): FlowEvidence[] {
  return [..."bcde"].flatMap((hop) =>
    Array.from({ length: 8 }, () =>
      failing.includes(hop)
        ? flow(`a${hop}f`, 20, 20, { seen: hopsOf("a"), last_hop: "a" })
        : flow(`a${hop}f`, 0, 20),
    ),
  );
}

describe("Search", () => {
  test("finds nothing where nothing fails", () => {
    expect(found(fabric(""))).toEqual([]);
  });

  test("finds the one link that all failing flows have in common", () => {
    expect(found(fabric("c"))).toEqual(["link c dead all"]);
  });

  test("finds two where two are dead, and not a share of what they have in common", () => {
    expect(found(fabric("be"))).toEqual(["link b dead all", "link e dead all"]);
  });

  test("finds loss on one link, and a share of the flows behind the last router", () => {
    const lossy = fabric("").map((each, index) =>
      index < 8 ? { ...each, failures: 5 + (index % 3), seen: hopsOf("a") } : each,
    );
    expect(found(lossy)).toEqual(["link b loss all"]);
    const behind = fabric("").map((each, index) => {
      const seen = { seen: hopsOf(`a${each.path?.[1]}f`), last_hop: "f" };
      return index % 4 === 0 ? { ...each, ...seen, failures: 20, streak: 20 } : each;
    });
    expect(found(behind)).toEqual(["behind dead share"]);
  });

  test("leaves alone what may not be used, and offers what could stand in its place", () => {
    const { locations, set } = sceneOf(fabric("c"));
    const search = new Search(locations);
    finish(search.improve(set, 0, ({ kind }) => kind === "link"));
    expect(set.hypotheses.every(({ location }) => location.kind !== "link")).toBe(true);
    const [taken] = set.hypotheses;
    if (taken === undefined) throw new Error("nothing supposed");
    for (const hypothesis of set.hypotheses) set.remove(hypothesis);
    const rivals = finish(search.rivals(set, taken));
    expect(rivals.map(({ location }) => location.kind)).toContain("link");
    expect(rivals.every(({ gain }) => gain > 0)).toBe(true);
  });
});
