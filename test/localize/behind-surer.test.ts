import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import type { SharedKnowledge } from "../../src/localize/shared-fault.ts";
import { flow, TO } from "../support/scene.ts";

const of = (count: number, make: () => FlowEvidence): FlowEvidence[] =>
  Array.from({ length: count }, make);

/** Other targets have shown that what comes from r into b dies. */
const SHARED: SharedKnowledge = {
  faults: [
    {
      kind: "link",
      effect: { extent: "all", kind: "dead" },
      place: { from: "r", to: "b", place: "link", name: "b", segment: "forward" },
      alternatives: [],
      confidence: 0.995,
      links: [["r", "b"]],
    },
  ],
  paths: ["ra1", "rb2", "rc3", "rd4"].map((way) => [...way]),
};

test("what lies behind a dead link is not told beside it for flows whose ways nobody knows", () => {
  // More flows fail than the share of one next hop in four; of one the way is known, of six the sweep ended at r.
  const flows = [
    flow("rb2", 12, 12, { seen: ["r"], last_hop: "r" }),
    ...of(6, () => flow(null, 12, 12, { seen: ["r"], last_hop: "r" })),
    ...of(16, () => flow(null, 11, 11)),
    ...of(9, () => flow("ra1", 0, 11)),
    ...of(11, () => flow("rc3", 0, 11)),
    ...of(10, () => flow("rd4", 0, 11)),
    ...of(11, () => flow(null, 0, 11)),
  ];
  // A survey once met nobody between r and 2.
  const silent = flow("r.2", 0, 0);
  for (const seen of [flows, [...flows, silent]]) {
    const { suspects } = localize({ target: TO, flows: seen, known_links: [["2", TO]] }, SHARED);
    expect(suspects.map(({ from, to }) => `${from} ${to}`)).toEqual(["r b"]);
  }
});
