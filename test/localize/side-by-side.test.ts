import { describe, expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

const NEXT = ["b", "c", "d"];
const swept = { seen: hopsOf("a"), last_hop: "a" };
/** What is known shortly after a start: one failing flow was swept, its way ended at the first router, and nothing else was traced. */
const FLOWS = [
  flow(null, 4, 4, swept),
  ...Array.from({ length: 9 }, () => flow(null, 4, 4)),
  ...Array.from({ length: 30 }, () => flow(null, 0, 4)),
];
const told = (flows: typeof FLOWS, paths: readonly string[]) =>
  localize({ target: TO, flows, known_links: [] }, { faults: [], paths: paths.map(hopsOf) });

describe("next hops of which nothing says which one a failing flow took", () => {
  test("are told as what lies behind the hop before them, and not as the first of them", () => {
    const { verdict, suspects } = told(
      FLOWS,
      NEXT.map((hop) => `a${hop}`),
    );
    expect(verdict).toBe("path_fault");
    for (const { from, to } of suspects) expect([from, to]).toEqual(["a", null]);
  });

  test("are no suspects where other targets' flows have shown one way alone", () => {
    const { suspects } = told(FLOWS, ["ab"]);
    for (const { to } of suspects) expect(to).toBeNull();
  });

  test("leave the one that a flow of the target itself took before it failed", () => {
    const failing = Array.from({ length: 4 }, () => flow("abz", 10, 10, swept));
    const working = ["acz", "adz"].flatMap((path) =>
      Array.from({ length: 8 }, () => flow(path, 0, 10)),
    );
    const { suspects } = localize({ target: TO, flows: [...failing, ...working], known_links: [] });
    expect(suspects).toMatchObject([{ from: "a", to: "b", segment: "forward" }]);
  });
});
