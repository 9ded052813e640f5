import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import type { OneWayCounts } from "../../src/localize/one-way-direction.ts";
import { readScenario } from "../support/scenario.ts";

/** What is told of a recorded case once the failing flows' losses are known by direction. */
function toldOf(file: string, counts: OneWayCounts | undefined) {
  const url = new URL(`../fixtures/scenarios/${file}`, import.meta.url);
  const { input } = readScenario(readFileSync(url, "utf8"));
  const flows = input.flows.map((flow) =>
    flow.failures > 0 && counts !== undefined ? { ...flow, one_way: counts } : flow,
  );
  return localize(parseCase(JSON.stringify({ ...input, flows })));
}

describe("a fault behind the last router", () => {
  test("is on the way back where the target received what was lost", () => {
    const { verdict, suspects } = toldOf("way-back.txt", { forward: 0, return: 5 });
    expect(verdict).toBe("path_fault");
    expect(suspects).toMatchObject([
      { from: "10.0.0.100", to: null, segment: "return", place: "return" },
    ]);
    expect(suspects[0]?.reason).toMatch(
      /, and by the target's own count 55 of the packets lost last reached the target, which answered\.$/,
    );
  });

  test("is on the way there where it did not", () => {
    const { suspects } = toldOf("way-back.txt", { forward: 5, return: 0 });
    // It comes there by several routers: nothing but the destination is common to them.
    expect(suspects).toMatchObject([{ segment: "forward", place: "endpoint", to: null }]);
    expect(suspects[0]?.reason).toMatch(/55 of the packets lost last never reached the target\.$/);
  });

  test.each([
    [3, "bundle"],
    [1, "link"],
  ])(
    "is on the last link where it did not and one router leads there: each flow of %i lost",
    (of, place) => {
      const path = ["10.0.0.1", "10.0.0.2", "10.0.0.9"];
      const flows = Array.from({ length: 12 }, (_, bucket) => {
        const failures = bucket % of === 0 ? 6 : 0;
        const swept = {
          seen: path,
          last_hop: "10.0.0.9",
          one_way: { forward: failures, return: 0 },
        };
        const rest = failures > 0 ? swept : { seen: [], last_hop: "10.0.0.9" };
        return {
          bucket,
          source_port: 61_000 + bucket,
          path,
          probes: 12,
          failures,
          streak: 0,
          ...rest,
        };
      });
      const { suspects } = localize({ target: "10.0.0.9", flows, known_links: [] });
      const told = {
        from: "10.0.0.2",
        to: "10.0.0.9",
        name: "10.0.0.9",
        segment: "forward",
        place,
      };
      expect(suspects).toMatchObject([told]);
    },
  );

  test("stays undecided where the target says nothing, or both", () => {
    for (const counts of [undefined, { forward: 0, return: 0 }, { forward: 3, return: 3 }]) {
      const { suspects } = toldOf("way-back.txt", counts);
      expect(suspects.map(({ segment }) => segment)).toEqual(["return_or_endpoint"]);
      expect(suspects[0]?.reason).not.toMatch(/own count/);
    }
  });
});

test("counts by direction must be numbers", () => {
  const flow = { bucket: 0, source_port: 1, probes: 1, failures: 1, one_way: { forward: 1 } };
  expect(() => parseCase(JSON.stringify({ target: "10.0.0.9", flows: [flow] }))).toThrow(
    "flows[0].one_way.return: expected a whole number of 0 or more",
  );
});
