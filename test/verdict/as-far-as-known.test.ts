import { expect, test } from "vitest";
import { asFarAsKnown } from "../../src/verdict/as-far-as-known.ts";

const LINKS: [string, string][] = [
  ["r1", "a2"],
  ["r1", "a3"],
  ["a2", "z"],
];
const links = () => LINKS;

test("what sweeps met ends before a hop, or a link, that nobody has seen on the way", () => {
  const met = (...seen: (string | null)[]) =>
    asFarAsKnown({ seen, lastHop: seen.at(-1) ?? "none" }, { links });
  expect(met("r1", "a2", "r1'")).toEqual({ seen: ["r1", "a2"], lastHop: "a2" });
  expect(met("r1", null, "r1'")).toEqual({ seen: ["r1"], lastHop: "r1" });
  expect(met("r1", "a3", "a2")).toEqual({ seen: ["r1", "a3"], lastHop: "a3" });
  expect(met(null, "r1'")).toEqual({ seen: [], lastHop: "unknown" });
});

test("what leads over known links stays, and all of it where none is known", () => {
  for (const seen of [["r1", "a2"], ["r1", null, "z"], []]) {
    const reached = { seen, lastHop: seen.at(-1) ?? "none" };
    expect(asFarAsKnown(reached, { links })).toBe(reached);
  }
  const reached = { seen: ["x", "y"], lastHop: "y" };
  expect(asFarAsKnown(reached, { links: () => [] })).toBe(reached);
});
