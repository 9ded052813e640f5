import { describe, expect, test } from "vitest";
import { parseCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

// Two leaves, four spines behind them that answer each leaf with an address of its own, two leaves more:
//
//   r - a - c|d|e|f - w|x - z     one of the spines is e to the first leaf,
//     \ b - C|D|E|F - w|x /       E to the second

/** Flows over every spine, those of one of them dead; a router without a route reported two flows to the leaf `a`. */
function spineWithoutRoute({ rejecting }: { readonly rejecting: readonly string[] }) {
  const flows = ["a", "b"].flatMap((leaf) =>
    ["c", "d", "e", "f"].flatMap((spine) =>
      ["w", "x"].flatMap((far) => {
        const own = leaf === "a" ? spine : spine.toUpperCase();
        const behind = far === "w" ? spine.charCodeAt(0) - 99 : spine.charCodeAt(0) - 95;
        const path = `r${leaf}${own}${behind}z`;
        if (spine !== "e") return Array.from({ length: 2 }, () => flow(path, 0, 20));
        // The sweeps of the flows over b end before the spine, whose next errors Linux keeps back.
        const seen = hopsOf(leaf === "a" ? "rae" : "rb");
        const more = { seen, last_hop: seen.at(-1) ?? "none" };
        return Array.from({ length: leaf === "a" ? 1 : 2 }, () => flow(path, 10, 10, more));
      }),
    ),
  );
  return localize({ target: TO, flows, known_links: [], rejecting });
}

/** One router after the other; of six flows across the one without a route it reported some. */
function inARow({ rejecting, reported }: { rejecting: readonly string[]; reported: number }) {
  const dead = (seen: string, index: number) =>
    flow("rbz", 12, 12, { seen: hopsOf(seen), last_hop: seen.at(-1) ?? "none", bucket: index });
  const flows = [
    ...Array.from({ length: 6 }, (_, index) => dead(index < reported ? "rb" : "r", index)),
    ...["a", "c", "d"].flatMap((hop) =>
      Array.from({ length: 6 }, () => flow(`r${hop}${hop.toUpperCase()}`, 0, 20)),
    ),
  ];
  return localize({ target: TO, flows, known_links: [], rejecting });
}

describe("a router that says that it passes nothing on", () => {
  test("is the one suspect, though most sweeps end before it", () => {
    const { suspects } = inARow({ rejecting: ["b"], reported: 1 });
    expect(suspects).toMatchObject([{ place: "router", name: "b", from: "b", to: "z" }]);
    expect(suspects[0]?.confidence).toBeGreaterThan(0.95);
    // Without its word its silence to the others is what a broken link to it shows.
    expect(inARow({ rejecting: [], reported: 1 }).suspects[0]).toMatchObject({
      name: "b",
      from: "r",
    });
  });

  test("is one suspect with the address that it answers others with", () => {
    expect(spineWithoutRoute({ rejecting: [] }).suspects.length).toBeGreaterThan(1);
    const { verdict, suspects } = spineWithoutRoute({ rejecting: ["e"] });
    expect(verdict).toBe("path_fault");
    expect(suspects).toMatchObject([{ place: "router", name: "E" }]);
  });

  test("is no suspect where sweeps get past it", () => {
    const more = { seen: hopsOf("rbz"), last_hop: "z" };
    const flows = [
      ...Array.from({ length: 6 }, () => flow("rbz", 12, 12, more)),
      ...Array.from({ length: 12 }, () => flow("rac", 0, 20)),
    ];
    const { suspects } = localize({ target: TO, flows, known_links: [], rejecting: ["b"] });
    expect(suspects).toMatchObject([{ place: "link", name: "z" }]);
  });
});

test("recorded cases name such routers by address", () => {
  const text = (rejecting: unknown) => JSON.stringify({ target: TO, flows: [], rejecting });
  expect(parseCase(text(["b"])).rejecting).toEqual(["b"]);
  expect(parseCase(text(null)).rejecting).toBeUndefined();
  expect(() => parseCase(text([1]))).toThrow("rejecting[0]: expected an address");
});

test("addresses beside one that rejects, which all are dead and silent, are one router with it", () => {
  // Two stages of four; the broken router of the second answers with any of its four addresses, whoever asks, as does the last router.
  const [broken, last] = [hopsOf("mnop"), hopsOf("wxyz")];
  const flows = [..."abcd"].flatMap((first, one) =>
    [0, 1, 2, 3].flatMap((other) => {
      const behind = last[(one + 2 * other) % 4] ?? "z";
      const address = broken[(one + other) % 4] ?? "m";
      const seen = hopsOf(address === "m" ? `r${first}m` : `r${first}`);
      const more = { seen, last_hop: seen.at(-1) ?? "none" };
      const works = [..."efg"].map((second) => flow(`r${first}${second}${behind}`, 0, 20));
      return [...works, flow(`r${first}${address}${behind}`, 12, 12, more)];
    }),
  );
  const { suspects } = localize({ target: TO, flows, known_links: [], rejecting: ["m"] });
  expect(suspects).toMatchObject([{ place: "router", name: "m" }]);
  expect(localize({ target: TO, flows, known_links: [] }).suspects.length).toBeGreaterThan(1);
});
