import { expect, test } from "vitest";
import type { LocalizeCase } from "../../src/localize/case.ts";
import { contributionOf, poolFlows } from "../../src/localize/pooled-flows.ts";
import { finish, flow } from "../support/scene.ts";

/** A target with one dead flow, and one that works by each of these ways of one letter a hop. */
function contribution(name: string, ways: readonly string[]) {
  const named = (way: string) => flow(way, 0, 10);
  const flows = [...ways.map(named), flow(ways[0] ?? "", 10, 10)].map((each) => ({
    ...each,
    path: each.path && [...each.path.slice(0, -1), name],
  }));
  const input: LocalizeCase = { target: name, flows, known_links: [] };
  const made = contributionOf(input);
  if (made === null) throw new Error(`${name} tells nothing`);
  return made;
}

/** The ways that the pool knows, one letter a hop; `.` for a silent one. */
function waysOf(...contributions: readonly ReturnType<typeof contribution>[]): string[] {
  const { input } = finish(poolFlows(contributions));
  const ways = input.flows.map(({ path }) =>
    (path ?? [])
      .slice(0, -1)
      .map((hop) => hop ?? ".")
      .join(""),
  );
  return [...new Set(ways)].sort();
}

test("a hop that kept silent to one survey before the destination stays a gap where others show what is there", () => {
  const [one, other] = [contribution("t1", ["abz", "ab."]), contribution("t2", ["abz"])];
  expect(waysOf(one, other)).toEqual(["ab.", "abz"]);
});

test("silence behind the last hop that targets share is each target's own", () => {
  const [one, other] = [contribution("t1", ["ab."]), contribution("t2", ["ab."])];
  expect(waysOf(one, other)).toEqual(["ab"]);
});
