import { expect, test } from "vitest";
import type { FlowEvidence, LocalizeCase } from "../../src/localize/case.ts";
import { FlowPool } from "../../src/localize/flow-pool.ts";
import { localize } from "../../src/localize/localize.ts";
import type { SharedKnowledge } from "../../src/localize/shared-fault.ts";
import { finish, flow } from "../support/scene.ts";

/** When router b broke. */
const BROKE_AT = 50_000;

/** A target behind routers a, b, c and one last one: what goes there by b dies at it. */
function behindBroken(name: string): LocalizeCase {
  const flows = Array.from({ length: 30 }, (_, index): FlowEvidence => {
    const router = "abc"[index % 3] ?? "";
    const path = ["r", router, "l", name];
    if (router !== "b") return { ...flow("r", 0, 12), path };
    const more = { seen: ["r"], last_hop: "r", failing_since: BROKE_AT + 300 * index };
    return { ...flow("r", 5, 5, more), path };
  });
  return { target: name, flows, known_links: [] };
}

/** A target none of whose flows is known to go by b: of some that go by the others no answer comes back. */
function answeredOver(failing_since: number): LocalizeCase {
  const flows = Array.from({ length: 30 }, (_, index): FlowEvidence => {
    const path = ["r", index % 2 === 0 ? "a" : "c", "l", "t3"];
    if (index % 5 > 0) return { ...flow("r", 0, 12), path };
    const more = { seen: path.slice(0, 3), last_hop: "l", failing_since };
    return { ...flow("r", 5, 5, more), path };
  });
  return { target: "t3", flows, known_links: [] };
}

function shownBy(cases: readonly LocalizeCase[]): SharedKnowledge {
  const pool = new FlowPool<string>();
  for (const each of cases) pool.put(each.target, each);
  return finish(pool.explain());
}

test("what others show to be dead is told where answers get lost since the same moment, and the way back is an alternative", () => {
  const own = answeredOver(BROKE_AT + 1000);
  expect(localize(own).suspects).toMatchObject([{ place: "return" }]);
  const shared = shownBy([behindBroken("t1"), behindBroken("t2"), own]);
  const { verdict, suspects } = localize(own, shared);
  expect(verdict).toBe("path_fault");
  expect(suspects).toMatchObject([{ name: "b", segment: "forward" }]);
  expect(suspects[0]?.confidence).toBeLessThanOrEqual(0.8);
  expect(suspects[0]?.alternatives).toContainEqual(expect.objectContaining({ place: "return" }));
});

test("a way back that broke at another time is told as what it is", () => {
  const own = answeredOver(BROKE_AT - 30_000);
  const shared = shownBy([behindBroken("t1"), behindBroken("t2"), own]);
  expect(localize(own, shared).suspects).toMatchObject([{ place: "return" }]);
});

test("two faults of others that began at that moment do not say which of them it is", () => {
  const own = answeredOver(BROKE_AT + 1000);
  const { faults, paths } = shownBy([behindBroken("t1"), behindBroken("t2")]);
  const twice = faults.flatMap((one) => [one, { ...one, place: { ...one.place, name: "q" } }]);
  expect(localize(own, { faults: twice, paths }).suspects).toMatchObject([{ place: "return" }]);
});
