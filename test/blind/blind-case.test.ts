import { describe, expect, it } from "vitest";
import { seeded } from "../support/random.ts";
import { SHARED_ADDRESS } from "./answering.ts";
import { drawCase, type JudgedCase } from "./blind-case.ts";
import { crosses, knownWays } from "./crossing.ts";
import { KINDS } from "./kinds.ts";

const SEED = Date.now() % 1_000_000;

/** Some cases of every kind. */
function drawn(seed: number, each = 3): JudgedCase[] {
  const random = seeded(seed);
  return Object.entries(KINDS).flatMap(([name, kind]) =>
    Array.from({ length: each }, () => drawCase(name, kind, random)),
  );
}

describe(`generated cases, seed ${SEED}`, () => {
  const cases = drawn(SEED);

  it("are the same for the same seed", () => {
    expect(drawn(SEED, 1)).toEqual(drawn(SEED, 1));
    expect(drawn(SEED + 1, 1)).not.toEqual(drawn(SEED, 1));
  });

  it("have flows of distinct ports, each with a way that ends at the target", () => {
    for (const { case: told, truth } of cases) {
      expect(new Set(told.flows.map((flow) => flow.source_port)).size).toBe(told.flows.length);
      expect(truth.ways).toHaveLength(told.flows.length);
      for (const way of truth.ways ?? []) expect(way.at(-1)).toBe(told.target);
      for (const { path, probes, failures } of told.flows) {
        expect(failures).toBeLessThanOrEqual(probes);
        if (path !== null) expect(path.at(-1)).toBe(told.target);
      }
    }
  });

  it("show of a flow only hops of its way, each in its place", () => {
    for (const { case: told, truth } of cases) {
      told.flows.forEach(({ path, seen }, index) => {
        for (const shown of [path ?? [], seen ?? []]) {
          shown.forEach((hop, ttl) => {
            if (hop !== null) expect(hop).toBe(truth.ways?.[index]?.[ttl]);
          });
        }
      });
    }
  });

  it("lose every probe of a flow that a dead fault hits, and none of one that nothing hits but noise", () => {
    for (const { kind, case: told, truth } of cases) {
      const hit = new Set(truth.faults.flatMap(({ flows }) => flows));
      for (const fault of truth.faults.filter(({ loss }) => loss === 1)) {
        for (const index of fault.flows) {
          expect(told.flows[index]?.failures, kind).toBe(told.flows[index]?.probes);
        }
      }
      const whole = told.flows.filter((_, index) => !hit.has(index));
      const probes = whole.reduce((sum, flow) => sum + flow.probes, 0);
      const lost = whole.reduce((sum, flow) => sum + flow.failures, 0);
      expect(lost, kind).toBeLessThanOrEqual(probes * 0.01 + 5 * Math.sqrt(probes * 0.01) + 1);
    }
  });

  it("let the sweep of a flow that a dead fault on the way there hits end before it", () => {
    for (const judged of cases) {
      for (const fault of judged.truth.faults.filter(
        ({ loss, links }) => loss === 1 && links.length > 0,
      )) {
        for (const index of fault.flows) {
          expect(judged.case.flows[index]?.last_hop).not.toBe(judged.case.target);
        }
      }
    }
  });

  it("name of a link or router only pairs that flows cross which it hits, never by a shared address", () => {
    for (const judged of cases) {
      const ways = knownWays(judged);
      for (const { what, links, flows } of judged.truth.faults) {
        const forward = ["link", "router", "lag"].includes(what);
        expect(links.length > 0).toBe(forward);
        expect(links.flat()).not.toContain(SHARED_ADDRESS);
        if (!forward || judged.truth.world?.["world"] === "shared") continue;
        const crossed = links.filter((pair) => flows.some((flow) => crosses(ways[flow], pair)));
        expect(crossed.length).toBeGreaterThan(0);
      }
    }
  });
});
