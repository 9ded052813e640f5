import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localizeInSteps } from "../../src/localize/localize.ts";
import { NOTHING_SHARED } from "../../src/localize/shared-fault.ts";
import type { SuspectPlace } from "../../src/localize/suspect-place.ts";
import { finish, flow, TO } from "../support/scene.ts";

/** Flows over one of four routers, and one of four behind them; those over the first lose every fourth packet. */
const flows: FlowEvidence[] = ["aA", "bB", "cC", "dD"].flatMap((way, at) =>
  Array.from({ length: 12 }, () => flow(`r${way}`, at === 0 ? 4 : 0, 16)),
);
const link = (from: string, to: string): SuspectPlace => ({
  from,
  to,
  segment: "forward",
  place: "link",
  name: to,
});

function suspects(told: readonly SuspectPlace[], all: readonly FlowEvidence[] = flows) {
  const input = { target: TO, flows: all, known_links: [] };
  return finish(localizeInSteps(input, NOTHING_SHARED, told)).suspects;
}

describe("of links that the same flows cross", () => {
  test("the one that was told for a while goes on being told, and the other is an alternative", () => {
    const [first] = suspects([]);
    expect(first).toMatchObject({ place: "link" });
    const other = first?.to === "a" ? link("a", "A") : link("r", "a");
    const [kept, ...more] = suspects([other]);
    expect(more).toEqual([]);
    expect(kept).toMatchObject(other);
    expect(kept?.alternatives.map(({ to }) => to)).toContain(first?.to);
    expect(kept?.reason).toContain(`${other.from} to ${other.to}`);
  });

  test("one that other flows cross is not told again", () => {
    expect(suspects([link("b", "B"), link("r", "b")])).toEqual(suspects([]));
  });

  test("one that is told does not hide that another died", () => {
    const dead = flows.map((each, at) =>
      at < 12 ? flow("raA", 16, 16, { seen: ["r"], last_hop: "r" }) : each,
    );
    expect(suspects([link("a", "A")], dead)).toEqual(suspects([], dead));
  });
});
