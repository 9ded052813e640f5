import { describe, expect, test } from "vitest";
import { labelsOf, shownRows, verdictCounts } from "../../../src/http/page/overview-rows.js";

function row(name: string, verdict: string, failing: number, more: object = {}) {
  const base = {
    protocol: "tcp",
    address: "192.0.2.10",
    labels: {},
    flows: 10,
    paths: 1,
    coverage: 1,
  };
  return {
    name,
    verdict,
    failing,
    success_ratio: 1 - failing / 10,
    changed_at: null,
    ...base,
    ...more,
  };
}

const TARGETS = [
  row("b", "healthy", 0, { labels: { site: "fra1" } }),
  row("a10", "path_fault", 1, { labels: { site: "ams2", team: "db" } }),
  row("a9", "path_fault", 5, { address: "2001:db8::1" }),
  row("z", "target_down", 10),
  row("y", "something_new", 0),
];
const ALL = { search: "", verdict: "", label: "", sort: "verdict", descending: false };
const names = (wanted: object): string[] => {
  const rows = shownRows(TARGETS, { ...ALL, ...wanted }) as typeof TARGETS;
  return rows.map(({ name }) => name);
};

describe("the overview's rows", () => {
  test("come worst first, more failing flows before fewer, unknown verdicts last", () => {
    expect(names({})).toEqual(["z", "a9", "a10", "b", "y"]);
  });

  test("are sorted by each column, numbers in names by their value, and turned round", () => {
    expect(names({ sort: "name" })).toEqual(["a9", "a10", "b", "y", "z"]);
    expect(names({ sort: "name", descending: true })).toEqual(["z", "y", "b", "a10", "a9"]);
    expect(names({ sort: "failing" })[0]).toBe("z");
    expect(names({ sort: "success" })).toEqual(["z", "a9", "a10", "b", "y"]);
  });

  test("are found by words that must all occur, in name, address or label", () => {
    expect(names({ search: "AMS2 db" })).toEqual(["a10"]);
    expect(names({ search: "site=fra" })).toEqual(["b"]);
    expect(names({ search: "2001:db8" })).toEqual(["a9"]);
    expect(names({ search: "ams2 fra1" })).toEqual([]);
  });

  test("are filtered by verdict and by a whole label", () => {
    expect(names({ verdict: "path_fault" })).toEqual(["a9", "a10"]);
    expect(names({ label: "site=fra1" })).toEqual(["b"]);
    expect(names({ label: "site=fra" })).toEqual([]);
  });
});

test("labels are listed once each, in order", () => {
  expect(labelsOf([...TARGETS, ...TARGETS])).toEqual(["site=ams2", "site=fra1", "team=db"]);
});

test("verdicts are counted, the worst first, without those that no target has", () => {
  const counts = verdictCounts(TARGETS).map(({ verdict, targets }) => [verdict, targets]);
  expect(counts).toEqual([
    ["target_down", 1],
    ["path_fault", 2],
    ["healthy", 1],
  ]);
});
