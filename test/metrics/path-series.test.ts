import { describe, expect, test } from "vitest";
import { PathSeries } from "../../src/metrics/path-series.ts";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";
import { TargetSeries } from "../../src/metrics/target-series.ts";
import { makeTarget } from "../support/target.ts";

const AB = { id: "ab", hops: ["a", "b", "z"] };
const AC = { id: "ac", hops: ["a", null, "c", "z"] };
const always = (id: string): string => id;
const everyLink = (): boolean => true;

/** The series of paths of a target, with room for so many. */
function seriesWithRoom(room = 1000): { paths: PathSeries; budget: SeriesBudget; used: number } {
  const budget = new SeriesBudget(20_000);
  const target = new TargetSeries(makeTarget({ labels: { site: 'f"1' } }), budget, 32);
  const { used } = budget;
  const paths = new PathSeries((extra) => target.labelled(extra), budget);
  budget.limit = budget.used + room;
  return { paths, budget, used };
}

function counted(paths: PathSeries): Record<string, [number, number]> {
  const all: Record<string, [number, number]> = {};
  for (const [id, { probes, failures }] of paths.paths(always)) all[id] = [probes, failures];
  for (const { from, to, probes, failures } of paths.links(everyLink)) {
    all[`${from} ${to}`] = [probes, failures];
  }
  return all;
}

describe("PathSeries", () => {
  test("are born at zero, with every link between hops that answer and the one from the source", () => {
    const { paths } = seriesWithRoom();
    paths.born(AB);
    paths.born(AC);
    expect(counted(paths)).toEqual({
      unknown: [0, 0],
      ab: [0, 0],
      ac: [0, 0],
      "source a": [0, 0],
      "a b": [0, 0],
      "b z": [0, 0],
      "c z": [0, 0],
    });
    const [link] = paths.links(everyLink);
    expect(link?.labels).toBe(
      'target="service",protocol="tcp",hop_from="source",hop_to="a",site="f\\"1"',
    );
  });

  test("count a probe on its path and every link of it", () => {
    const { paths } = seriesWithRoom();
    paths.add(AB, 3, 1);
    paths.add(AC, 2, 0);
    paths.add(undefined, 4, 4);
    expect(counted(paths)).toEqual({
      ab: [3, 1],
      ac: [2, 0],
      unknown: [4, 4],
      "source a": [5, 1],
      "a b": [3, 1],
      "b z": [3, 1],
      "c z": [2, 0],
    });
  });

  test("without room fold into other, each path and link counted once, and nothing is lost", () => {
    const { paths, budget } = seriesWithRoom(0);
    for (let times = 0; times < 3; times += 1) paths.add(AB, 1, 1);
    paths.add(undefined, 1, 0);
    expect(counted(paths)).toEqual({ other: [3, 3], unknown: [1, 0], "other other": [9, 9] });
    expect(budget.folded).toBe(4);
  });

  test("take the room that is there, path first", () => {
    const { paths, budget } = seriesWithRoom(5);
    paths.add(AB, 1, 0);
    expect(counted(paths)).toMatchObject({ ab: [1, 0], "source a": [1, 0], "other other": [2, 0] });
    expect(budget.folded).toBe(2);
  });

  test("drop what is gone and give its room back, but keep unknown and other", () => {
    const { paths, budget, used } = seriesWithRoom();
    paths.add(AB, 1, 0);
    paths.add(AC, 1, 0);
    paths.add(undefined, 1, 0);
    const before = budget.used;
    expect([...paths.paths((id) => (id === "ab" ? id : undefined))].map(([id]) => id)).toEqual([
      "unknown",
      "ab",
    ]);
    expect(budget.used).toBe(before - 3);
    const links = [...paths.links((_, to) => to === "b")];
    expect(links.map(({ from, to }) => `${from} ${to}`)).toEqual(["a b"]);
    expect(budget.used).toBe(used + 2 + 3 + 2);
    // What comes again begins at zero.
    paths.born(AC);
    expect(counted(paths)["ac"]).toEqual([0, 0]);
  });

  test("count probes of one path over other hops on the links between those", () => {
    const { paths } = seriesWithRoom();
    const other = { id: "ab", hops: ["a2", "b", "z"] };
    for (const path of [AB, AB, other, { ...AB, hops: [...AB.hops] }]) paths.add(path, 1, 0);
    expect(counted(paths)).toMatchObject({
      ab: [4, 0],
      "source a": [3, 0],
      "source a2": [1, 0],
      "a b": [3, 0],
      "a2 b": [1, 0],
      "b z": [4, 0],
    });
  });

  test("of a link that was dropped begin anew with the next probe that crosses it", () => {
    const { paths, budget } = seriesWithRoom();
    paths.add(AB, 5, 0);
    const before = budget.used;
    expect([...paths.links((_, to) => to !== "b")].map(({ to }) => to)).toEqual(["a", "z"]);
    paths.add(AB, 1, 1);
    expect(budget.used).toBe(before);
    expect(counted(paths)).toMatchObject({ "a b": [1, 1], "b z": [6, 1] });
  });

  test("of a link that found no room have it as soon as there is some", () => {
    const { paths, budget } = seriesWithRoom(3);
    paths.add(AB, 1, 0);
    budget.limit += 100;
    paths.add(AB, 1, 0);
    expect(counted(paths)).toMatchObject({ ab: [2, 0], "a b": [1, 0], "other other": [3, 0] });
  });

  test("give all room back in the end, folded or not", () => {
    for (const room of [0, 4, 8, 1000]) {
      const { paths, budget, used } = seriesWithRoom(room);
      for (const path of [AB, AC, undefined]) paths.add(path, 1, 1);
      expect(budget.used).toBeGreaterThan(used);
      paths.release();
      expect(budget.used).toBe(used);
    }
  });
});
