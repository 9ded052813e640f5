import { expect, test } from "vitest";
import { textTable } from "../../src/config/text-table.ts";

test("columns are as wide as their widest cell, numbers end in line, and nothing stands behind the last", () => {
  const rows = [
    ["name", "flows", "path"],
    ["a", "8", "x"],
    ["longer", "1024", ""],
  ];
  expect(textTable(rows, [1])).toEqual([
    "name    flows  path",
    "a           8  x",
    "longer   1024",
  ]);
});
