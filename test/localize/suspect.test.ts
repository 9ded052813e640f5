import { expect, test } from "vitest";
import type { FlowEvidence, LocalizeCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import type { Suspect } from "../../src/localize/suspect.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

/** Of 64 flows over four routers into a last one every third gets no answer though its sweep reaches so many hops of its way. */
function unanswered(heard: number): FlowEvidence[] {
  return Array.from({ length: 64 }, (_, at) => {
    const way = `r${"abcd"[at % 4]}${"wxyz"[at % 4]}l`;
    if (at % 3 > 0) return flow(way, 0, 12);
    const seen = hopsOf(way.slice(0, heard));
    return flow(way, 12, 12, { seen, last_hop: seen.at(-1) ?? "none" });
  });
}

const told = (flows: readonly FlowEvidence[], more: Partial<LocalizeCase> = {}): Suspect[] => [
  ...localize({ target: TO, flows, known_links: [], ...more }).suspects,
];

test("one server of several and one way back of several are alternatives of each other behind the last router", () => {
  const [suspect, ...others] = told(unanswered(4));
  expect(others).toEqual([]);
  expect(suspect).toMatchObject({ place: "return", segment: "return_or_endpoint" });
  const { from, to, name } = suspect as Suspect;
  expect(suspect?.alternatives).toContainEqual({
    ...{ from, to, name, segment: "return_or_endpoint" },
    place: "endpoint",
  });
});

test("the endpoint is no alternative where routers before the last one keep silent to the same flows", () => {
  const [suspect] = told(unanswered(2));
  expect(suspect?.place).toBe("return");
  expect(suspect?.alternatives.map(({ place }) => place)).not.toContain("endpoint");
});
