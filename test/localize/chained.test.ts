import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { flow, sceneOf, TO } from "../support/scene.ts";

const PROBES = 20;

/** Flows over each of these ways, four of each; those that cross a broken hop are dead, and their sweeps end before it, or there. */
function flowsOver(ways: readonly string[], broken: string, answers = false): FlowEvidence[] {
  return ways.flatMap((way) =>
    Array.from({ length: 4 }, () => {
      const at = [...way].findIndex((hop) => broken.includes(hop));
      if (at < 0) return flow(way, 0, PROBES);
      const seen = [...way.slice(0, answers ? at + 1 : at)];
      return flow(way, PROBES, PROBES, { seen, last_hop: seen.at(-1) ?? "none" });
    }),
  );
}

const links = (flows: readonly FlowEvidence[]) =>
  localize({ target: TO, flows, known_links: [] })
    .suspects.map(({ from, to, place }) => `${from} to ${to}, ${place}`)
    .sort();

describe("addresses that are each reached from a hop of their own", () => {
  test("are two faults where two of eight parallel routers pass nothing on", () => {
    // 1 to 8 stand side by side behind r; a to h are what answers behind each: addresses of the one router there.
    const ways = ["r1a", "r2b", "r3c", "r4d", "r5e", "r6f", "r7g", "r8h"];
    expect(links(flowsOver(ways, "be"))).toEqual(["2 to b, link", "5 to e, link"]);
  });

  test("are one router as seldom where these answer and pass nothing on", () => {
    const ways = ["r1ax", "r2bx", "r3cx", "r4dx", "r5ex", "r6fx", "r7gx", "r8hx"];
    const { locations, scene } = sceneOf(flowsOver(ways, "be", true));
    const groups = locations.filter(({ kind, hops }) => {
      const names = hops.map((id) => scene.network.hops[id]?.address).sort();
      return kind === "aliases" && names.join("") === "be";
    });
    // What leads to them, and what leads on: the ways to choose two of eight, and five nats more.
    expect(groups.length).toBeGreaterThan(0);
    for (const { picked } of groups) expect(picked).toBeCloseTo(Math.log(28) + 5, 5);
  });

  test("are one router where what leads to them leads elsewhere as well", () => {
    // Behind each of 1 to 4 stand two routers: one answers from a, c, e and g, the other from b, d, f and h.
    const ways = ["r1ax", "r1by", "r2cx", "r2dy", "r3ex", "r3fy", "r4gx", "r4hy"];
    const told = links(flowsOver(ways, "bdfh"));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/router$/);
  });
});
