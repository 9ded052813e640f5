import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

/** Three ways, b, c and d; c answers every third flow not. What goes over c to x dies at c. */
const flows = Array.from({ length: 72 }, (_, index) => {
  const hop = "bcd"[index % 3] ?? "";
  const far = "xy"[Math.floor(index / 3) % 2] ?? "";
  const shown = hop === "c" && Math.floor(index / 6) % 3 === 0 ? "." : hop;
  const isHit = hop === "c" && far === "x";
  const seen = shown === "." ? "a" : "ac";
  return isHit
    ? flow(`a${shown}${far}`, 30, 30, { seen: hopsOf(seen), last_hop: seen.at(-1) ?? "none" })
    : flow(`a${shown}${far}`, 0, 30);
});

test("a link of a router that answers some flows only is one suspect", () => {
  const { verdict, suspects } = localize({ target: TO, flows, known_links: [] });
  expect(verdict).toBe("path_fault");
  expect(suspects).toMatchObject([{ from: "c", to: "x", place: "link", segment: "forward" }]);
});
