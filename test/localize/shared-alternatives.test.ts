import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { type Localization, localize } from "../../src/localize/localize.ts";
import { localizeTogether, type PooledTarget } from "../support/pooled-targets.ts";

/** The router that drops what it has to forward, one of three. */
const BROKEN = 2;

/** A target behind three routers and one last one; sweeps of flows by the broken router end with its answer. */
function drawTarget(index: number): PooledTarget {
  const address = `198.51.100.${index}`;
  const flows = Array.from({ length: 48 }, (_, bucket): FlowEvidence => {
    const number = 1 + (bucket % 3);
    const path = ["10.0.0.1", `10.1.0.${number}`, `10.2.0.${number}`, address];
    const dies = number === BROKEN;
    const seen = dies ? path.slice(0, 2) : [];
    return {
      bucket,
      source_port: 61_000 + bucket,
      path,
      seen,
      last_hop: seen.at(-1) ?? "unknown",
      probes: dies ? 6 : 20,
      failures: dies ? 6 : 0,
      streak: dies ? 6 : 0,
    };
  });
  return { name: `t${index}`, input: { target: address, flows, known_links: [] } };
}

/** The surest suspect and its alternatives by what they are, those that name the target aside: these are its own. */
function toldOf({ suspects }: Localization, target: string): string[] {
  const [first] = suspects;
  return [...(first === undefined ? [] : [first, ...first.alternatives])]
    .filter(({ name, to }) => name !== target && to !== target)
    .map(({ place, name, from, to }) => `${place} ${name} ${from} ${to}`);
}

describe("a fault that several targets have shown", () => {
  const targets = [drawTarget(1), drawTarget(2)];
  const { shared, found } = localizeTogether(targets);

  test("has the places as alternatives that the flows do not part from it, the router before the link among them", () => {
    const [fault] = shared.faults;
    expect(fault?.place).toMatchObject({ place: "link", name: "10.2.0.2", from: "10.1.0.2" });
    expect(fault?.alternatives).toContainEqual({
      place: "router",
      name: "10.1.0.2",
      from: "10.1.0.2",
      to: "10.2.0.2",
      segment: "forward",
    });
  });

  test("is told at each target with what the target alone would tell, and as sure", () => {
    targets.forEach(({ input }, index) => {
      const together = found[index] ?? localize(input);
      const alone = localize(input);
      expect(together.suspects).toHaveLength(1);
      expect(new Set(toldOf(together, input.target))).toEqual(new Set(toldOf(alone, input.target)));
      const [mine, own] = [together.suspects[0]?.confidence ?? 0, alone.suspects[0]?.confidence];
      expect(Math.abs(mine - (own ?? 1))).toBeLessThan(0.02);
    });
  });

  test("names no alternative that only stands for a destination", () => {
    const places = shared.faults.flatMap(({ place, alternatives }) => [place, ...alternatives]);
    for (const { from, to, name } of places) {
      expect([from, to, name]).not.toContain("any target");
    }
  });
});

test("a router that other targets have shown is at a target whose flows meet it by one link that link as well", () => {
  const { input } = drawTarget(1);
  const fault = {
    kind: "aliases",
    effect: { kind: "dead", extent: "all" },
    confidence: 0.99,
    alternatives: [],
    links: [[null, "10.2.0.2"]],
  } as const;
  const place = { from: "10.1.0.2", to: "10.2.0.2", name: "10.2.0.2", segment: "forward" } as const;
  for (const [told, other] of [
    ["router", "link"],
    ["link", "router"],
  ] as const) {
    const faults = [{ ...fault, place: { ...place, place: told } }];
    const { suspects } = localize(input, { faults, paths: [] });
    expect(suspects).toHaveLength(1);
    expect(suspects[0]).toMatchObject({ ...place, place: told });
    expect(suspects[0]?.alternatives).toContainEqual({ ...place, place: other });
  }
});
