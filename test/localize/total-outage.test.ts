import { describe, expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

/** Sixteen flows of one way, all dead, whose sweeps met these hops. */
function told(seen: string) {
  const swept = { seen: hopsOf(seen), last_hop: seen.at(-1) ?? "none" };
  const flows = Array.from({ length: 16 }, () => flow("apqz", 6, 6, swept));
  return localize({ target: TO, flows, known_links: [] });
}

describe("a target whose flows all fail, on one way,", () => {
  test("has the link behind the last hop that answers as suspect, and the routers at its ends and the way back as alternatives", () => {
    const { verdict, suspects } = told("ap");
    expect(verdict).toBe("target_down");
    expect(suspects).toMatchObject([{ place: "link", from: "p", to: "q", name: "q" }]);
    // What comes back from behind it may get lost instead, all by one way.
    expect(suspects[0]?.confidence).toBe(0.8);
    expect(suspects[0]?.alternatives).toMatchObject([
      { place: "router", name: "q" },
      { place: "router", name: "p" },
      { place: "return", from: "z", to: TO },
    ]);
  });

  test("has none where the sweeps get to the last router", () => {
    expect(told("apqz")).toMatchObject({ verdict: "target_down", suspects: [] });
  });

  test("is at fault at the source where no hop answers", () => {
    expect(told("")).toMatchObject({ verdict: "source_fault", suspects: [] });
  });
});
