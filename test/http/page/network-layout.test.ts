import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crossings, layOut } from "../../../src/http/page/network-layout.js";

function edge(from: string, to: string) {
  return { key: `${from} > ${to}`, from, to };
}

function stage(column: number, ...keys: string[]) {
  return keys.map((key) => ({ key, column }));
}

/** Crossings counted the plain way: every pair of links. */
function pairwise(columns: string[][], right: Map<string, string[]>): number {
  let total = 0;
  for (let at = 0; at + 1 < columns.length; at += 1) {
    const rows = new Map((columns[at + 1] ?? []).map((key, row) => [key, row]));
    const links = (columns[at] ?? []).flatMap((key, row) =>
      (right.get(key) ?? []).map((to) => [row, rows.get(to) ?? 0] as const),
    );
    for (const [a, b] of links) {
      for (const [c, d] of links) if (a < c && b > d) total += 1;
    }
  }
  return total;
}

describe("the layout", () => {
  test("orders columns so that links that need not cross do not", () => {
    const nodes = [
      ...stage(0, "s"),
      ...stage(1, "a", "b", "c"),
      ...stage(2, "z", "y", "x"),
      ...stage(3, "d"),
    ];
    const edges = [
      ...["a", "b", "c"].map((key) => edge("s", key)),
      edge("a", "x"),
      edge("b", "y"),
      edge("c", "z"),
      ...["x", "y", "z"].map((key) => edge(key, "d")),
    ];
    const { columns } = layOut(nodes, edges);
    const right = new Map(
      nodes.map(({ key }) => [key, edges.filter(({ from }) => from === key).map(({ to }) => to)]),
    );
    expect(crossings(columns, right)).toBe(0);
  });

  test("centres columns, and bends a link in every column that it passes over", () => {
    const nodes = [...stage(0, "s"), ...stage(1, "a"), ...stage(2, "b"), ...stage(3, "d")];
    const { columns, rows, bends } = layOut(nodes, [
      edge("s", "a"),
      edge("a", "b"),
      edge("b", "d"),
      edge("s", "d"),
    ]);
    expect(bends.get("s > d")).toEqual(["bend 1 s > d", "bend 2 s > d"]);
    expect(columns.map((column) => column.length)).toEqual([1, 2, 2, 1]);
    expect(rows.get("s")).toBe(0.5);
    expect(new Set([rows.get("a"), rows.get("bend 1 s > d")])).toEqual(new Set([0, 1]));
  });

  test("takes links that lead back, and a network without links", () => {
    const { bends } = layOut(
      [...stage(0, "s"), ...stage(1, "a"), ...stage(2, "b")],
      [edge("b", "s")],
    );
    expect(bends.get("b > s")).toEqual(["bend 1 b > s"]);
    expect(layOut([], []).columns).toEqual([[]]);
  });

  test("places every key in its own column, once, whatever the network", () => {
    const network = fc
      .array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 6 })
      .chain((sizes) => {
        const nodes = sizes.flatMap((size, column) =>
          Array.from({ length: size }, (_, row) => ({ key: `${column}.${row}`, column })),
        );
        const key = fc.constantFrom(...nodes.map((node) => node.key));
        const links = fc.uniqueArray(fc.tuple(key, key), { maxLength: 30, selector: String });
        return fc.tuple(fc.constant(nodes), links);
      });
    fc.assert(
      fc.property(network, ([nodes, links]) => {
        const edges = links.filter(([a, b]) => a !== b).map(([a, b]) => edge(a, b));
        const { columns, rows } = layOut(nodes, edges);
        for (const { key, column } of nodes) expect(columns[column]).toContain(key);
        const all = columns.flat();
        expect(new Set(all).size).toBe(all.length);
        for (const column of columns) {
          const taken = column.map((key: string) => rows.get(key));
          expect(new Set(taken).size).toBe(taken.length);
        }
      }),
    );
  });
});

test("crossings are counted as looking at every pair of links counts them", () => {
  const key = (column: number, row: number) => `${column}.${row}`;
  const network = fc.tuple(
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 1, max: 7 }),
    fc.uniqueArray(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 25, selector: String }),
  );
  fc.assert(
    fc.property(network, ([left, right, links]) => {
      const columns = [
        Array.from({ length: left }, (_, row) => key(0, row)),
        Array.from({ length: right }, (_, row) => key(1, row)),
      ];
      const neighbours = new Map<string, string[]>();
      for (const [from, to] of links) {
        if (from >= left || to >= right) continue;
        neighbours.set(key(0, from), [...(neighbours.get(key(0, from)) ?? []), key(1, to)]);
      }
      expect(crossings(columns, neighbours)).toBe(pairwise(columns, neighbours));
    }),
  );
});
