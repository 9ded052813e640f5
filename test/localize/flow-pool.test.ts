import { describe, expect, test } from "vitest";
import { FlowPool } from "../../src/localize/flow-pool.ts";
import { atOnce } from "../../src/localize/localize.ts";
import { drawTargets, localizeTogether, type PooledTargets } from "../support/pooled-targets.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const random = seeded(printedSeed("flow pool"));

const HUNDRED: PooledTargets = {
  targets: 100,
  routers: 4,
  flows: 64,
  broken: [2],
  answers: false,
  endpoints: [],
  traced: 128,
  surveyed: 5,
};

describe.each([
  ["drops what comes in", false],
  ["answers expired probes and drops the rest", true],
] as const)("where a router of four %s", (_, answers) => {
  test("all of a hundred targets show it, although one failing flow in twelve is traced", () => {
    const { shared, found } = localizeTogether(drawTargets({ ...HUNDRED, answers }, random));
    expect(shared.faults.map(({ place }) => place.name)).toEqual(["10.1.0.2"]);
    for (const { verdict, suspects } of found) {
      expect(verdict).toBe("path_fault");
      expect(suspects).toMatchObject([{ ...shared.faults[0]?.place, name: "10.1.0.2" }]);
      expect(suspects[0]?.confidence).toBeGreaterThan(0.7);
    }
  });

  test("two broken at once are two suspects at each target", () => {
    const layout = { ...HUNDRED, routers: 8, broken: [2, 7], answers };
    const { shared, found } = localizeTogether(drawTargets(layout, random));
    const both = ["10.1.0.2", "10.1.0.7"];
    expect(shared.faults.map(({ place }) => place.name).sort()).toEqual(both);
    const names = found.map(({ suspects }) => suspects.map(({ name }) => name).sort());
    for (const each of names) {
      expect(each.length).toBeGreaterThan(0);
      expect(both).toEqual(expect.arrayContaining(each));
    }
    // Of flows that nobody has traced, few of one target may happen to cross the other router.
    expect(names.filter((each) => each.length === 2).length).toBeGreaterThanOrEqual(92);
  });

  test("a target whose own endpoint is broken at the same time keeps that fault beside it", () => {
    const layout = { ...HUNDRED, answers, endpoints: [3], surveyed: 100, traced: 400 };
    const { shared, found } = localizeTogether(drawTargets(layout, random));
    expect(shared.faults.map(({ place }) => place.name)).toEqual(["10.1.0.2"]);
    found.forEach(({ suspects }, index) => {
      const forward = suspects.filter(({ segment }) => segment === "forward");
      expect(forward.map(({ name }) => name)).toEqual(["10.1.0.2"]);
      const behind = suspects.filter(({ segment }) => segment === "return_or_endpoint");
      expect(behind).toHaveLength(index === 3 ? 1 : 0);
    });
  });
});

test("an endpoint that drops half of its target's flows makes nobody accuse a router", () => {
  const layout = { ...HUNDRED, broken: [], endpoints: [3, 4], surveyed: 100, traced: 40 };
  const { shared, found } = localizeTogether(drawTargets(layout, random));
  expect(shared.faults).toEqual([]);
  found.forEach(({ suspects }, index) => {
    expect(suspects.map(({ segment }) => segment)).toEqual(
      index === 3 || index === 4 ? ["return_or_endpoint"] : [],
    );
  });
});

test("flows that nobody has traced yet accuse nobody, and not the way back", () => {
  for (const { verdict, suspects } of localizeTogether(
    drawTargets({ ...HUNDRED, targets: 10, traced: 0, surveyed: 0 }, random),
  ).found) {
    expect(verdict).toBe("path_fault");
    expect(suspects).toEqual([]);
  }
});

test("explaining 300 targets of 64 flows together pauses every few milliseconds", () => {
  const pool = new FlowPool<number>();
  const layout = { ...HUNDRED, targets: 300, routers: 8, traced: 600, surveyed: 300 };
  drawTargets(layout, random).forEach(({ input }, index) => {
    pool.put(index, input);
  });
  let pauses = 0;
  const start = performance.now();
  for (const steps = pool.explain(); steps.next().done !== true; ) pauses += 1;
  const mean = (performance.now() - start) / pauses;
  console.info(`${pauses} pauses, ${mean.toFixed(2)} ms from one to the next`);
  expect(mean).toBeLessThan(2);
});

test("what targets share is no surer than the few ways that are known of the many flows that work", () => {
  const flow = (bucket: number, more: object) => ({
    bucket,
    source_port: 61_000 + bucket,
    path: null,
    seen: [],
    probes: 4,
    failures: 0,
    last_hop: "unknown",
    ...more,
  });
  const caseOf = (target: string, ways: number) => ({
    target,
    flows: Array.from({ length: 48 }, (_, bucket) => {
      if (bucket < 6)
        return flow(bucket, { seen: ["a", "b"], last_hop: "b", failures: 4, streak: 4 });
      if (bucket < 16) return flow(bucket, { failures: 4, streak: 4 });
      return flow(bucket, bucket < 16 + ways ? { path: ["a", "c", "d", target] } : {});
    }),
    known_links: [],
  });
  const shared = (ways: number) => {
    const pool = new FlowPool<string>();
    for (const target of ["192.0.2.1", "192.0.2.2"]) pool.put(target, caseOf(target, ways));
    return atOnce(pool.explain()).faults[0];
  };
  expect(shared(1)?.confidence).toBeLessThanOrEqual(0.6);
  expect(shared(8)?.confidence).toBeGreaterThan(0.9);
});
