import { describe, expect, test } from "vitest";
import type { FlowEvidence, LocalizeCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import type { ProbedTarget } from "../../src/probe/probed-flow.ts";
import { PooledFaults } from "../../src/verdict/pooled-faults.ts";
import { makeProbed } from "../support/probed-flow.ts";

/** The hops of four parallel routers, as packets of one family see them. */
const HOPS = {
  4: { first: "10.0.0.1", router: (number: number) => `10.1.0.${number}`, last: "10.2.0.1" },
  6: { first: "fd00::1", router: (number: number) => `fd00:1::${number}`, last: "fd00:2::1" },
} as const;

/** A target behind the four routers; flows by the first of them fail where `fails` says so, and most have been traced. */
function drawCase(target: ProbedTarget, fails: boolean, traced = true): LocalizeCase {
  const { family, text } = target.target.address;
  const { first, router, last } = HOPS[family];
  const flows = Array.from({ length: 32 }, (_, bucket): FlowEvidence => {
    const number = 1 + (bucket % 4);
    const isDead = fails && number === 1;
    const seen = isDead && traced ? [first] : [];
    return {
      bucket,
      source_port: 61_000 + bucket,
      path: traced ? [first, router(number), last, text] : null,
      seen,
      last_hop: seen.at(-1) ?? "unknown",
      probes: 12,
      failures: isDead ? 6 : 0,
      streak: isDead ? 6 : 0,
    };
  });
  return { target: text, flows, known_links: [] };
}

/** Explains all that is due at once. @returns the targets to look at anew */
function explainAll(pooled: PooledFaults, now: number): ProbedTarget[] {
  const anew: ProbedTarget[] = [];
  while (pooled.isDue(now)) anew.push(...pooled.step(now));
  return anew;
}

const four = ["198.51.100.1", "198.51.100.2", "198.51.100.3"].map((to) => makeProbed({ to }));
const six = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map((to) =>
  makeProbed({ to, from: "2001:db8::f" }),
);

describe("PooledFaults", () => {
  test("offers a fault to the targets of its address family alone", () => {
    const pooled = new PooledFaults(() => {});
    for (const target of [...four, ...six]) {
      pooled.put(target, drawCase(target, target.target.address.family === 6));
    }
    expect(explainAll(pooled, 0)).toEqual(six);
    for (const target of four) {
      expect(pooled.sharedWith(target)).toEqual({ faults: [], paths: [] });
    }
    for (const target of six) {
      expect(pooled.sharedWith(target).faults).toHaveLength(1);
    }
  });

  test("keeps the hops of one family out of what fails in the other at the same time", () => {
    const pooled = new PooledFaults(() => {});
    for (const target of [...four, ...six]) pooled.put(target, drawCase(target, true));
    expect(new Set(explainAll(pooled, 0))).toEqual(new Set([...four, ...six]));
    for (const [targets, to] of [
      [four, "198.51.100.9"],
      [six, "2001:db8::9"],
    ] as const) {
      const untraced = makeProbed({ to, from: targets[0]?.target.source.text ?? to });
      const { family } = untraced.target.address;
      const shared = pooled.sharedWith(untraced);
      const { first, router } = HOPS[family];
      expect(shared.faults.map(({ place: { from, to } }) => [from, to])).toEqual([
        [first, router(1)],
      ]);
      const isOwn = (hop: string | null): boolean => hop?.includes(":") === (family === 6);
      expect(shared.paths.flat().every(isOwn)).toBe(true);
      for (const target of [...targets, untraced]) {
        const { suspects } = localize(drawCase(target, true, target !== untraced), shared);
        expect(suspects.map(({ from, to }) => [from, to])).toEqual([[first, router(1)]]);
      }
    }
  });

  test("explains a family anew a second later at the soonest, and the other one without waiting for it", () => {
    const pooled = new PooledFaults(() => {});
    for (const target of four) pooled.put(target, drawCase(target, true));
    explainAll(pooled, 0);
    for (const target of [...four, ...six]) pooled.put(target, drawCase(target, true));
    expect(explainAll(pooled, 500)).toEqual(six);
    expect(pooled.isDue(999)).toBe(false);
    expect(pooled.isDue(1000)).toBe(true);
  });

  test("forgets what a target showed that is gone", () => {
    const pooled = new PooledFaults(() => {});
    for (const target of six) pooled.put(target, drawCase(target, true));
    explainAll(pooled, 0);
    for (const target of six.slice(1)) pooled.forget(target);
    explainAll(pooled, 1000);
    expect(six.map((target) => pooled.sharedWith(target).faults)).toEqual([[], [], []]);
  });
});
