import { expect, test } from "vitest";
import { FlowPool } from "../../src/localize/flow-pool.ts";
import { localize } from "../../src/localize/localize.ts";
import { drawAnyCase } from "../support/any-case.ts";
import { seeded } from "../support/random.ts";
import { finish, flow, TO } from "../support/scene.ts";
import { printedSeed } from "../support/seed.ts";

const NETWORKS = 60;
const POOLS = 6;

test("a fault is looked for to the end whatever flows show, hops in circles and out of order included", () => {
  const seed = printedSeed("any network");
  const random = seeded(seed);
  for (let at = 0; at < NETWORKS; at++) {
    const input = drawAnyCase(random);
    const told = `network ${at}: ${JSON.stringify(input)}`;
    let suspects: ReturnType<typeof localize>["suspects"] = [];
    expect(() => {
      ({ suspects } = localize(input));
    }, told).not.toThrow();
    for (const { confidence } of suspects) {
      expect(confidence, told).toBeGreaterThanOrEqual(0);
      expect(confidence, told).toBeLessThanOrEqual(1);
    }
  }
}, 60_000);

test("what several targets have in common is looked for to the end whatever their flows show", () => {
  const seed = printedSeed("any networks");
  const random = seeded(seed);
  for (let at = 0; at < POOLS; at++) {
    const cases = Array.from({ length: random.between(2, 4) }, () => drawAnyCase(random));
    expect(
      () => {
        const pool = new FlowPool<number>();
        for (const [target, input] of cases.entries()) pool.put(target, input);
        const shared = finish(pool.explain());
        for (const input of cases) localize(input, shared);
      },
      `networks ${at}: ${JSON.stringify(cases)}`,
    ).not.toThrow();
  }
}, 60_000);

test("hops that are met in either order are no fault and no end", () => {
  const flows = ["rab", "rba", "ra", "rb"].flatMap((hops) => [
    flow(hops, 0, 20),
    flow(hops, 20, 20, { seen: [...hops.slice(0, 2)], last_hop: hops[1] ?? "none" }),
  ]);
  expect(localize({ target: TO, flows, known_links: [] }).verdict).toBe("path_fault");
});
