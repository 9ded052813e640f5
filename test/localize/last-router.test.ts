import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

/** Routers b, c and d before a last one that answers each of them with another address: x, y or z. */
const flows = Array.from({ length: 48 }, (_, index) => {
  const way = ["bx", "cy", "dz"][index % 3] ?? "";
  const far = ["e", "f"][Math.floor(index / 3) % 2] ?? "";
  return flow(`a${far}${way}`, way === "cy" ? 8 + (index % 4) : 0, 30);
});

test("loss before the last router is not told at its link to the destination, which others share", () => {
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toHaveLength(1);
  expect(suspects[0]?.to).not.toBe(TO);
});

test("places that the same flows cross are shown beside what is told", () => {
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  const told = [suspects[0], ...(suspects[0]?.alternatives ?? [])];
  expect(told.map((each) => `${each?.from} ${each?.to}`)).toContain("c y");
  expect(suspects[0]?.alternatives.length).toBeGreaterThan(0);
});

test("a router that loses most packets is told, and not what leads on from the one address of the last router behind it", () => {
  // Four routers, a to d, and four behind them, each with an address on the link from each; the last router is w to z, one for each of these.
  const flows = [..."abcd"].flatMap((first, one) =>
    [..."wxyz"].flatMap((behind, other) => {
      const address = String.fromCharCode(65 + 4 * other + one);
      const failures = behind === "x" ? [10, 9, 10, 8] : [0, 0];
      return failures.map((lost, index) => {
        // The last router answered the sweeps of eleven of the sixteen, which it got now and then.
        const seen = hopsOf(`r${first}${address}${4 * index + one < 11 ? behind : ""}`);
        const swept = lost > 0 ? { seen, last_hop: seen.at(-1) ?? "none" } : {};
        return flow(`r${first}${address}${behind}`, lost, 10, { streak: 1, ...swept });
      });
    }),
  );
  const { verdict, suspects } = localize({ target: TO, flows, known_links: [] });
  expect(verdict).toBe("path_loss");
  expect(suspects).toMatchObject([{ place: "router", name: "E" }]);
});

test("the way back is told, and not the links to a last router that several links of each router before it lead to", () => {
  // Three routers of three addresses each, one for each of the links that lead to it; each leads on by three links to the last one.
  const ways = [
    ["abc", "ABC"],
    ["def", "DEF"],
    ["ghi", "GHI"],
  ].flatMap(([near = "", last = ""]) =>
    [...near].flatMap((one) => [...last].map((other) => [one, other] as const)),
  );
  const flows = ways.flatMap(([near, last], at) => [
    flow(`r${near}${last}`, 0, 12),
    flow(`r${near}${last}`, 0, 12),
    // Of the third ones every other is answered by a way back that is dead, and so are the last router's answers to its sweep.
    at % 2 === 0
      ? flow(`r${near}${last}`, 12, 12, { seen: hopsOf(`r${near}`), last_hop: near })
      : flow(`r${near}${last}`, 0, 12),
  ]);
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toMatchObject([{ segment: "return_or_endpoint" }]);
});
