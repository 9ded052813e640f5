import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";

/** Flows by eight routers behind one, two of which pass nothing on any more; `behind`: the hops after these routers. */
function flowsBy(behind: readonly string[]) {
  return Array.from({ length: 64 }, (_, bucket) => {
    const hop = `10.0.0.${2 + ((bucket * 7 + Math.floor(bucket / 8)) % 8)}`;
    const dead = hop === "10.0.0.4" || hop === "10.0.0.8";
    return {
      bucket,
      source_port: 61_000 + bucket,
      path: ["10.0.0.1", hop, ...behind, "192.0.2.10"],
      seen: dead ? ["10.0.0.1", hop] : [],
      probes: 10,
      failures: dead ? 5 : 0,
      last_hop: dead ? hop : "192.0.2.10",
      ...(dead ? { streak: 5 } : {}),
    };
  });
}

test("two dead links into a router that answers both with one address are two suspects", () => {
  const flows = flowsBy(["10.0.0.10"]);
  const known_links = flows.flatMap(({ path: [first = "", second = "", third = ""] }) => [
    [first, second] as const,
    [second, third] as const,
  ]);
  const { suspects } = localize({ target: "192.0.2.10", flows, known_links });
  expect(suspects.map(({ from, to }) => `${from} > ${to}`).sort()).toEqual([
    "10.0.0.4 > 10.0.0.10",
    "10.0.0.8 > 10.0.0.10",
  ]);
});

test("so are two dead links to the destination from two routers behind one hop", () => {
  const { suspects } = localize({ target: "192.0.2.10", flows: flowsBy([]), known_links: [] });
  expect(suspects.map(({ from, segment }) => `${from} ${segment}`).sort()).toEqual([
    "10.0.0.4 forward",
    "10.0.0.8 forward",
  ]);
});

/** Flows by eight routers behind one, two of which lose these parts of what they send to the destination. */
function lossyBy(losses: Readonly<Record<string, number>>) {
  return flowsBy([]).map(({ streak, ...flow }) => {
    const failures = 60 * (losses[flow.path[1] ?? ""] ?? 0);
    const seen = failures > 0 ? flow.path : [];
    return { ...flow, probes: 60, failures, seen, last_hop: "192.0.2.10" };
  });
}

test("two links to the destination that lose unlike parts are two suspects", () => {
  const flows = lossyBy({ "10.0.0.4": 0.2, "10.0.0.8": 0.6 });
  const { suspects } = localize({ target: "192.0.2.10", flows, known_links: [] });
  expect(suspects.map(({ from }) => from).sort()).toEqual(["10.0.0.4", "10.0.0.8"]);
});
