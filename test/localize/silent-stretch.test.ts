import { expect, test } from "vitest";
import type { FlowEvidence, HopAddress } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";

const TARGET = "192.0.2.1";

/** 48 flows of one way, of which 12 are dead; sweeps of some of these end at its last router. */
function suspectsOf(path: readonly HopAddress[]) {
  const last = path.slice(0, -1).findLast((hop) => hop !== null) ?? "";
  const seen = path.slice(0, path.indexOf(last) + 1);
  const flows = Array.from({ length: 48 }, (_, bucket): FlowEvidence => {
    const isDead = bucket < 12;
    const isSwept = bucket < 8;
    return {
      bucket,
      source_port: 61_000 + bucket,
      path,
      seen: isDead && isSwept ? seen : [],
      last_hop: isDead && isSwept ? last : "unknown",
      probes: 6,
      failures: isDead ? 6 : 0,
      streak: isDead ? 6 : 0,
    };
  });
  return localize({ target: TARGET, flows, known_links: [] }).suspects;
}

test("what dies behind several silent hops lies behind the last one that answers, and may lie on the way back", () => {
  const [suspect, ...others] = suspectsOf(["a", null, null, TARGET]);
  expect(others).toEqual([]);
  expect(suspect).toMatchObject({
    place: "beyond",
    from: "a",
    to: null,
    segment: "forward",
    name: "a",
  });
  expect(suspect?.confidence).toBeLessThanOrEqual(0.6);
  expect(suspect?.alternatives).toContainEqual(
    expect.objectContaining({ place: "return", segment: "return_or_endpoint" }),
  );
  expect(suspect?.reason).toMatch(/12 of 48/);
});

test("behind one silent hop, or none, it is the way back", () => {
  for (const path of [
    ["a", null, TARGET],
    ["a", "b", TARGET],
  ]) {
    expect(suspectsOf(path)).toMatchObject([{ place: "return", segment: "return_or_endpoint" }]);
  }
});
