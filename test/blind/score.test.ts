import { describe, expect, it } from "vitest";
import type { JudgedCase, TrueFault } from "./blind-case.ts";
import { judge, type Suspect } from "./score.ts";

const TARGET = "192.0.2.1";
/** One router before, four beside each other, one behind: the spine of a flow is its number modulo four. */
const WAYS = Array.from({ length: 32 }, (_, flow) => [
  "10.0.0.1",
  `10.0.1.${flow % 4}`,
  "10.0.2.1",
  TARGET,
]);
const HIT = WAYS.flatMap((_, flow) => (flow % 4 === 3 ? [flow] : []));

const SPINE: TrueFault = {
  what: "router",
  loss: 1,
  links: [
    ["10.0.0.1", "10.0.1.3"],
    ["10.0.1.3", "10.0.2.1"],
  ],
  flows: HIT,
  names: ["10.0.1.3"],
};

function caseOf(fault: TrueFault, lastHop: string, failures = 30): JudgedCase {
  const flows = WAYS.map((path, bucket) => {
    const hit = fault.flows.includes(bucket);
    return {
      bucket,
      source_port: 61_000 + bucket,
      path,
      probes: 30,
      failures: hit ? failures : 0,
      last_hop: hit ? lastHop : TARGET,
    };
  });
  return {
    kind: "try",
    case: { target: TARGET, flows, known_links: [] },
    truth: { verdicts: ["path_fault"], faults: [fault], ways: WAYS },
  };
}

function suspect(from: string | null, to: string | null, more: Partial<Suspect> = {}): Suspect {
  return { from, to, segment: "forward", confidence: 0.9, ...more };
}

function tallyOf(judged: JudgedCase, ...suspects: Suspect[]) {
  return judge(judged, { verdict: "path_fault", suspects }).tally;
}

describe("a suspect", () => {
  const judged = caseOf(SPINE, "10.0.0.1");

  it("is right if it is one of the fault's pairs", () => {
    const tally = tallyOf(judged, suspect("10.0.0.1", "10.0.1.3"));
    expect(tally).toMatchObject({ right: 1, suspects: 1, found: 1, faults: 1, verdicts: 1 });
  });

  it("is right if exactly the flows cross it that the fault hits", () => {
    const link = { ...SPINE, what: "link", links: [SPINE.links[0] ?? [null, null]] as const };
    expect(tallyOf(caseOf(link, "10.0.0.1"), suspect("10.0.1.3", "10.0.2.1")).right).toBe(1);
    expect(tallyOf(caseOf(link, "10.0.0.1"), suspect("10.0.1.3", null)).right).toBe(1);
  });

  it("is wrong beside the fault, before all ways, and on the way back", () => {
    const wrong = [
      suspect("10.0.0.1", "10.0.1.2"),
      suspect(null, "10.0.0.1"),
      suspect("10.0.0.1", null),
      suspect("10.0.0.1", "10.0.1.3", { segment: "return_or_endpoint" }),
    ];
    expect(tallyOf(judged, ...wrong)).toMatchObject({ right: 0, suspects: 4, found: 0, faults: 1 });
  });

  it("that tells a fault again is right but not needed", () => {
    const tally = tallyOf(judged, suspect("10.0.0.1", "10.0.1.3"), suspect("10.0.1.3", "10.0.2.1"));
    expect(tally).toMatchObject({ right: 2, extra: 1, found: 1 });
  });

  it("has its place and name judged where it has them", () => {
    const router = suspect("10.0.1.3", null, { place: "router", name: "10.0.1.3" });
    expect(tallyOf(judged, router)).toMatchObject({ right: 1, placed: 1, places: 1, names: 1 });
    const behind = suspect("10.0.0.1", "10.0.1.3", { place: "endpoint", name: "10.0.0.1" });
    expect(tallyOf(judged, behind)).toMatchObject({ right: 1, placed: 1, places: 0, names: 0 });
  });

  it("of a lossy member is right at either of two bundles in a row, of a dead one at its own", () => {
    const member: TrueFault = {
      what: "lag",
      loss: 0.3,
      links: [["10.0.0.1", "10.0.1.3"]],
      flows: HIT.slice(0, 3),
    };
    const next = suspect("10.0.1.3", "10.0.2.1", { place: "bundle" });
    expect(tallyOf(caseOf(member, "10.0.0.1", 9), next).right).toBe(1);
    expect(tallyOf(caseOf({ ...member, loss: 1 }, "10.0.0.1"), next).right).toBe(0);
    const beside = suspect("10.0.1.2", "10.0.2.1", { place: "bundle" });
    expect(tallyOf(caseOf(member, "10.0.0.1", 9), beside).right).toBe(0);
  });

  it("of a fault behind the last router is right unless it says forward", () => {
    const back = { ...SPINE, what: "return", links: [], flows: [1, 2, 7, 11, 16, 30] };
    const dead = caseOf(back, "10.0.2.1");
    const told = suspect("10.0.2.1", TARGET, { segment: "return_or_endpoint" });
    expect(tallyOf(dead, told)).toMatchObject({ right: 1, found: 1, faults: 1 });
    expect(tallyOf(dead, suspect("10.0.2.1", TARGET)).right).toBe(0);
  });
});

describe("a fault", () => {
  it("that chance explains as well is not held against anybody", () => {
    const one = { ...SPINE, loss: 0.1, flows: [3] };
    const judged = caseOf(one, TARGET, 1);
    expect(judge(judged, { verdict: "indeterminate", suspects: [] }).tally).toMatchObject({
      faults: 0,
      verdicts: 1,
    });
  });

  it("that left enough evidence and is not found counts as missed", () => {
    expect(tallyOf(caseOf(SPINE, "10.0.0.1"))).toMatchObject({ faults: 1, found: 0 });
  });
});
