import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { ConfidenceEstimator } from "../../src/localize/confidence-estimator.ts";
import { Search } from "../../src/localize/search.ts";
import { finish, flow, hopsOf, sceneOf } from "../support/scene.ts";

/** Eight flows over each of four ways; over two of them all fail. */
function flows(): FlowEvidence[] {
  return [..."bcde"].flatMap((hop) =>
    Array.from({ length: 8 }, () =>
      "be".includes(hop)
        ? flow(`a${hop}f`, 20, 20, { seen: hopsOf("a"), last_hop: "a" })
        : flow(`a${hop}f`, 0, 20),
    ),
  );
}

/** The set that a search finds without the links, weighed beside all that there is. */
function weighed() {
  const { scene, locations, set } = sceneOf(flows());
  finish(new Search(locations).improve(set, 0, ({ kind }) => kind !== "behind"));
  const estimator = new ConfidenceEstimator(set, new Search(locations), scene);
  return { scene, set, estimator, before: set.cost };
}

test("what explains the window more cheaply than the set, found while it is weighed, can take its place once", () => {
  const { scene, set, estimator, before } = weighed();
  const [supposed] = set.hypotheses;
  if (supposed === undefined) throw new Error("nothing supposed");
  const { chance } = finish(estimator.estimate(supposed));
  expect(chance).toBeLessThan(0.1);
  expect(set.hypotheses).toEqual([supposed]);
  expect(estimator.takeCheaper()).toBe(true);
  expect(set.cost).toBeLessThan(before);
  const hops = set.hypotheses.flatMap(({ location }) => location.hops);
  expect(hops.map((id) => scene.network.hops[id]?.address).sort()).toEqual(["b", "e"]);
  expect(estimator.takeCheaper()).toBe(false);
});

test("nothing takes the place of what is the cheapest", () => {
  const { set, estimator } = weighed();
  for (const supposed of set.hypotheses) finish(estimator.estimate(supposed));
  estimator.takeCheaper();
  for (const supposed of set.hypotheses) {
    expect(finish(estimator.estimate(supposed)).chance).toBeGreaterThan(0.9);
  }
  expect(estimator.takeCheaper()).toBe(false);
});
