import { describe, expect, test } from "vitest";
import type { FlowEvidence, HopAddress } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";

const TO = "198.51.100.9";

/** Flows from `first` over a silent hop to each branch; those of the broken one are dead and end at `first`. */
function branches(first: HopAddress, count: number, broken: number): FlowEvidence[] {
  return Array.from({ length: 32 }, (_, bucket): FlowEvidence => {
    const to = bucket % count;
    const dead = to === broken;
    const before = first === null ? [] : [first];
    return {
      bucket,
      source_port: 61_000 + bucket,
      path: [...before, null, `10.0.1.${to}`, "10.0.2.1", TO],
      seen: dead ? before : [],
      probes: 20,
      failures: dead ? 20 : 0,
      last_hop: dead ? (first ?? "none") : TO,
    };
  });
}

describe("a fault at a silent hop", () => {
  test("is told by what answers behind it, where several silent hops follow the same one", () => {
    const { suspects } = localize({
      target: TO,
      flows: branches("10.0.0.1", 4, 2),
      known_links: [],
    });
    expect(suspects).toMatchObject([
      { from: "10.0.0.1", to: "10.0.1.2", place: "link", name: "10.0.1.2", segment: "forward" },
    ]);
  });

  test("names the hop behind it, not the source, where nothing answers before it", () => {
    const { suspects } = localize({ target: TO, flows: branches(null, 4, 1), known_links: [] });
    expect(suspects).toMatchObject([{ from: null, to: "10.0.1.1", name: "10.0.1.1" }]);
  });

  test("is behind the hop before it, where only one silent hop follows", () => {
    const answering = branches("10.0.0.1", 1, 1).map((flow, i) => ({
      ...flow,
      path: ["10.0.0.1", i % 4 === 0 ? null : `10.0.3.${i % 4}`, "10.0.2.1", TO],
      seen: i % 4 === 0 ? ["10.0.0.1"] : [],
      failures: i % 4 === 0 ? 20 : 0,
      last_hop: i % 4 === 0 ? "10.0.0.1" : TO,
    }));
    const { suspects } = localize({ target: TO, flows: answering, known_links: [] });
    expect(suspects).toMatchObject([{ from: "10.0.0.1", to: null, place: "beyond" }]);
  });
});
