import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import type { Hypothesis } from "../../src/localize/hypothesis.ts";
import { localize } from "../../src/localize/localize.ts";
import { costUnevenly, isEvenLoss } from "../../src/localize/uneven-loss.ts";
import { flow, sceneOf, TO } from "../support/scene.ts";

const EVEN = { kind: "loss", extent: "all" } as const;

/** So many of 64 flows over four routers lose packets, each of them as many of its probes. */
function losing(flows: number, lost: (at: number) => number, probes: number): FlowEvidence[] {
  return Array.from({ length: 64 }, (_, at) =>
    flow(`r${"abcd"[at % 4]}z`, at < flows ? lost(at) : 0, probes),
  );
}

/** A set with an endpoint that loses the part of all probes that is lost. */
function evenly(flows: readonly FlowEvidence[]) {
  const { set, locations, scene } = sceneOf(flows);
  const location = locations.find(({ kind }) => kind === "behind");
  if (location === undefined) throw new Error("nothing behind");
  const sum = (of: (each: FlowEvidence) => number) => flows.reduce((all, one) => all + of(one), 0);
  const loss = sum(({ failures }) => failures) / sum(({ probes }) => probes);
  const even: Hypothesis = { location, effect: EVEN, cost: 7.5, share: 1, loss };
  set.add(even);
  return { set, even, locations, counts: scene.counts };
}

test("only loss that all flows feel is even, behind the last router or where all of them cross", () => {
  const { even, counts, locations } = evenly(losing(64, () => 3, 30));
  const isEven = (more: Partial<Hypothesis>) => isEvenLoss({ ...even, ...more }, counts);
  expect(isEven({})).toBe(true);
  expect(isEven({ effect: { kind: "loss", extent: "share" } })).toBe(false);
  expect(isEven({ effect: { kind: "dead", extent: "all" } })).toBe(false);
  // What lies at or behind a, b, c and d is crossed by a quarter each, what is before and after them by all.
  const ofQuarter = locations.filter(({ members }) => members.length === 16);
  expect(ofQuarter.length).toBeGreaterThan(3);
  expect(ofQuarter.some((location) => isEven({ location }))).toBe(false);
  const [ofAll] = locations.filter(
    ({ kind, members }) => kind !== "behind" && members.length === 64,
  );
  expect(ofAll !== undefined && isEven({ location: ofAll })).toBe(true);
});

test("that half of the flows lose all that is lost costs less where half of them do, and more where all do", () => {
  const half = evenly(losing(32, () => 6, 30));
  expect(costUnevenly(half.set, half.even)).toBeLessThan(half.set.cost - 10);
  const all = evenly(losing(64, () => 3, 30));
  expect(costUnevenly(all.set, all.even)).toBeGreaterThan(all.set.cost + 10);
});

test("the set is left as it was, and what would have to lose nearly everything is not compared", () => {
  const { set, even } = evenly(losing(64, () => 27, 30));
  const before = set.save();
  expect(costUnevenly(set, even)).toBe(Number.POSITIVE_INFINITY);
  expect(set.save()).toEqual(before);
  const { set: other, even: less } = evenly(losing(64, () => 3, 30));
  const cost = other.cost;
  costUnevenly(other, less);
  expect(other.cost).toBe(cost);
  expect(other.hypotheses).toEqual([less]);
});

test("the endpoint is named for what all flows lose alike, and not while a router that half of them cross may lose it", () => {
  const named = (flows: readonly FlowEvidence[]) =>
    localize({ target: TO, flows, known_links: [] }).suspects.map(({ place }) => place);
  expect(named(losing(64, (at) => 2 + (at % 3), 30))).toEqual(["endpoint"]);
  // Six probes of each tell little.
  expect(named(losing(20, (at) => (at % 5 === 0 ? 2 : 1), 6))).toEqual([]);
});
