import { expect, test } from "vitest";
import { NO_WAY } from "../../src/view/bucket-history.ts";
import { WayTable } from "../../src/view/way-table.ts";

const way = (path: string) => ({ path, hops: [path], cut: false });
const none = () => new Set<number>();

test("a way has one number, and a path that was cut another than the whole one", () => {
  const table = new WayTable();
  expect(table.number(way("a"), none)).toBe(0);
  expect(table.number(way("b"), none)).toBe(1);
  expect(table.number(way("a"), none)).toBe(0);
  expect(table.number({ path: null, hops: ["a"], cut: true }, none)).toBe(2);
  expect(table.way(1)).toEqual(way("b"));
  expect(table.way(NO_WAY)).toBeUndefined();
});

test("numbers that nothing speaks of any more are given anew, and only those", () => {
  const table = new WayTable();
  for (let i = 0; i < NO_WAY; i += 1) expect(table.number(way(`p${i}`), none)).toBe(i);
  const all = new Set(Array.from({ length: NO_WAY }, (_, i) => i));
  expect(table.number(way("full"), () => all)).toBe(NO_WAY);
  all.delete(7);
  expect(table.number(way("new"), () => all)).toBe(7);
  expect(table.way(7)).toEqual(way("new"));
});
