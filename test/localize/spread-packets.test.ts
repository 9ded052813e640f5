import { describe, expect, test } from "vitest";
import type { FlowEvidence, HopAddress, LocalizeCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { amongSpread } from "../../src/localize/spread-packets.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const random = seeded(printedSeed("spread packets"));
const TARGET = "192.0.2.10";
const BRANCHES = ["10.0.0.2", "10.0.0.3"];

/** Flows of which each packet takes one of two branches by chance; the second is dead. */
function sprayed(bothAnswer: boolean, healthy = 0, probed = 12): LocalizeCase {
  const sweep = (): HopAddress[] => {
    const hops: HopAddress[] = ["10.0.0.1"];
    for (let ttl = 2; ttl <= 4; ttl += 1) {
      // Three attempts at each TTL.
      const taken = [0, 1, 2].map(() => random.pick([0, 1]));
      const first = taken.find((branch) => branch === 0 || (bothAnswer && ttl === 2));
      hops.push(
        first === undefined
          ? null
          : ttl === 2
            ? (BRANCHES[first] ?? null)
            : ttl === 3
              ? "10.0.0.9"
              : TARGET,
      );
    }
    return hops;
  };
  const flows = Array.from({ length: 64 }, (_, bucket): FlowEvidence => {
    const lost = Array.from({ length: probed }, () => random.chance(0.5));
    const failures = lost.filter(Boolean).length;
    const seen = failures > 0 ? sweep() : [];
    return {
      bucket,
      source_port: 61_000 + bucket,
      path: ["10.0.0.1", null, "10.0.0.9", TARGET],
      seen,
      last_hop: seen.findLast((hop) => hop !== null) ?? "unknown",
      probes: healthy + probed,
      failures,
      streak: probed === 12 ? 0 : probed - 1 - lost.lastIndexOf(false),
    };
  });
  const met = flows.map(({ seen }) => seen[1]);
  const answers = BRANCHES.map((hop) => [hop, met.filter((other) => other === hop).length]);
  return { target: TARGET, flows, known_links: [], spread: { 2: Object.fromEntries(answers) } };
}

describe("where a router spreads the packets of each flow over two branches and one of them is dead", () => {
  test("the branch that answers no sweep any more is the one suspect, of lost packets on all flows", () => {
    const { verdict, suspects } = localize(sprayed(false));
    expect(verdict).toBe("path_loss");
    expect(suspects).toMatchObject([
      { from: "10.0.0.1", to: "10.0.0.3", place: "link", segment: "forward", alternatives: [] },
    ]);
    expect(suspects[0]?.confidence).toBeGreaterThan(0.9);
    expect(suspects[0]?.reason).toContain("no flow has a path of its own there");
  });

  test("an address farther on that answers no sweep any more lies behind the last hop that all packets meet, by whichever branch", () => {
    const input = sprayed(true);
    const met = input.flows.filter(({ seen }) => seen[2] === "10.0.0.9").length;
    const spread = { ...input.spread, 3: { "10.0.0.9": met, "10.0.0.13": 0 } };
    const { suspects } = localize({ ...input, spread });
    expect(suspects).toMatchObject([
      { from: "10.0.0.1", to: null, place: "beyond", name: "10.0.0.1" },
    ]);
    expect(suspects[0]?.alternatives).toMatchObject(
      BRANCHES.map((from) => ({ from, to: "10.0.0.13", place: "link" })),
    );
  });

  test("the branch is the one suspect soon after the fault, when many flows have lost nothing yet", () => {
    for (const probed of [1, 2, 3]) {
      const { verdict, suspects } = localize(sprayed(false, 7, probed));
      expect(verdict).toBe("path_loss");
      expect(suspects).toMatchObject([{ from: "10.0.0.1", to: "10.0.0.3", segment: "forward" }]);
    }
  });

  test("both are alternatives where both still answer expired probes", () => {
    const { verdict, suspects } = localize(sprayed(true));
    expect(verdict).toBe("path_loss");
    expect(suspects).toMatchObject([{ from: "10.0.0.1", to: null, segment: "forward" }]);
    expect(suspects[0]?.alternatives.map(({ to }) => to)).toEqual(expect.arrayContaining(BRANCHES));
    expect(suspects[0]?.reason).toContain("no flow has a path of its own there");
  });

  test("a fault of some flows alone is none of theirs", () => {
    const input = sprayed(false);
    const flows = input.flows.map((flow, index): FlowEvidence => {
      const dead = index % 4 === 0;
      const seen: HopAddress[] = dead ? ["10.0.0.1", "10.0.0.2", "10.0.0.9"] : [];
      const path = ["10.0.0.1", null, "10.0.0.9", dead ? "10.0.1.1" : "10.0.1.2", TARGET];
      const failures = dead ? 12 : 0;
      return {
        ...flow,
        path,
        seen,
        failures,
        streak: failures,
        last_hop: seen.at(-1) ?? "unknown",
      };
    });
    const { suspects } = localize({ ...input, flows });
    expect(suspects).toMatchObject([{ from: "10.0.0.9", to: "10.0.1.1" }]);
  });
});

test("loss on the way back, of some flows, may be where packets are spread", () => {
  const flows = Array.from({ length: 64 }, (_, bucket): FlowEvidence => {
    const failures = bucket < 10 ? 2 : 0;
    const path = ["10.0.0.1", ...BRANCHES.slice(bucket % 2, (bucket % 2) + 1), "10.0.0.9", TARGET];
    const counts = { probes: 9, failures, streak: 0 };
    return { bucket, source_port: 61_000 + bucket, path, seen: [], last_hop: "unknown", ...counts };
  });
  const place = { from: "10.0.0.9", to: TARGET, place: "return", name: TARGET } as const;
  const told = { segment: "return_or_endpoint", reason: "Some lose.", alternatives: [] } as const;
  const suspect = { ...place, ...told, loss_ratio: 0.5, confidence: 0.966 };
  const spread = { 2: { "10.0.0.2": 1, "10.0.0.3": 1 } };
  const input = { target: TARGET, flows, known_links: [], spread };
  const [doubted] = amongSpread(input, [suspect]);
  expect(doubted).toMatchObject({ ...place, confidence: 0.6 });
  expect(doubted?.reason).toContain("no flow has a path of its own there");
  expect(doubted?.alternatives).toEqual([
    { from: "10.0.0.1", to: null, segment: "forward", place: "beyond", name: "10.0.0.1" },
  ]);
  // Death is of one flow's way: what is spread kills none.
  const dead = { ...suspect, loss_ratio: 1 };
  expect(amongSpread(input, [dead])).toEqual([dead]);
});
