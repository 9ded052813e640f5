import { expect, test } from "vitest";
import { collapse, wideColumns } from "../../../src/http/page/network-collapse.js";
import { networkOf } from "../../../src/http/page/network-model.js";
import { failing, targetJson, VIP, working } from "../../support/target-json.ts";

/** `width` × `width` routers; the flow of bucket 0 dies behind 10.2.0.0. */
function meshed(width: number) {
  const paths: Record<string, string[]> = {};
  for (let a = 0; a < width; a += 1) {
    for (let b = 0; b < width; b += 1) {
      paths[`${a}-${b}`] = ["10.0.0.1", `10.1.0.${a}`, `10.2.0.${b}`, VIP];
    }
  }
  const flows = Object.keys(paths).map((path, bucket) =>
    bucket === 0 ? failing(0, path, ["10.0.0.1", "10.1.0.0", "10.2.0.0"]) : working(bucket, path),
  );
  return networkOf(targetJson(paths, flows));
}

test("a stage of sixteen is drawn as a count, but for the hop where flows die", () => {
  const network = collapse(meshed(16), new Set());
  expect(wideColumns(meshed(16))).toEqual([
    { column: 2, size: 16 },
    { column: 3, size: 16 },
  ]);
  const drawn = network.nodes.map(({ key, members }) => [key, members]);
  expect(Object.fromEntries(drawn)).toEqual({
    source: 1,
    destination: 1,
    "10.0.0.1": 1,
    "group 2": 16,
    "10.2.0.0": 1,
    "group 3": 15,
  });
});

test("links of what is drawn as one are one link with all their flows and losses", () => {
  const network = collapse(meshed(16), new Set());
  const between = network.edges.find(({ key }) => key === "group 2 > group 3");
  expect(between?.buckets).toHaveLength(240);
  expect(between?.probes).toBe(240 * 40);
  const dying = network.edges.find(({ key }) => key === "group 2 > 10.2.0.0");
  expect(dying).toMatchObject({ failing: 1, failures: 40 });
  expect(network.ways.get(0)).toEqual([
    "source",
    "source > 10.0.0.1",
    "10.0.0.1",
    "10.0.0.1 > group 2",
    "group 2",
    "group 2 > 10.2.0.0",
    "10.2.0.0",
    "stub 10.2.0.0",
  ]);
});

test("a stage that was opened is drawn in full, and a narrow network as it is", () => {
  const opened = collapse(meshed(16), new Set([2]));
  expect(opened.nodes.filter(({ column }) => column === 2)).toHaveLength(16);
  const narrow = meshed(15);
  expect(collapse(narrow, new Set())).toBe(narrow);
});
