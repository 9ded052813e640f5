import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { flow, TO } from "../support/scene.ts";

/** Eight flows over each way; those of the dead ways end at their second hop, and began to fail at the times given. */
function flows(works: readonly string[], dead: Readonly<Record<string, number>>): FlowEvidence[] {
  return [
    ...works.flatMap((way) => Array.from({ length: 8 }, () => flow(way, 0, 10))),
    ...Object.entries(dead).flatMap(([way, since]) =>
      Array.from({ length: 8 }, (_, at) =>
        flow(way, 5, 5, {
          seen: [...way.slice(0, 2)],
          last_hop: way[1] ?? "",
          failing_since: since + 700 * at,
          first_failure: since + 700 * at,
        }),
      ),
    ),
  ];
}

const told = (input: readonly FlowEvidence[], routers?: Record<string, string>) =>
  localize({ target: TO, flows: input, known_links: [], ...(routers && { routers }) }).suspects;

describe("two dead links out of one hop", () => {
  const OTHERS = ["rbx", "rby", "rbz", "rcx", "rcy", "rcz", "raz"];

  test("are one where they broke at once and their far ends may be one router's addresses", () => {
    const [only, ...more] = told(flows(OTHERS, { rax: 1000, ray: 3000 }));
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      from: "a",
      to: "x",
      place: "link",
      name: "x",
      segment: "forward",
    });
    expect(only?.confidence).toBeGreaterThan(0.5);
    expect(only?.confidence).toBeLessThanOrEqual(0.9);
    expect(only?.reason).toContain("16 of 16");
  });

  test.each([
    ["they broke one after the other", flows(OTHERS, { rax: 1000, ray: 61_000 }), undefined],
    [
      "somebody knows two routers there",
      flows(OTHERS, { rax: 1000, ray: 3000 }),
      { x: "leaf-1", y: "leaf-2" },
    ],
    [
      "their far ends are met behind that hop alone, as routers side by side are",
      flows(["rau", "rav", "rbu", "rbv"], { rax: 1000, ray: 3000 }),
      undefined,
    ],
  ])("are two where %s", (_, input, routers) => {
    const suspects = told(input, routers);
    expect(suspects.map(({ from, to }) => `${from}${to}`).sort()).toEqual(["ax", "ay"]);
  });
});
