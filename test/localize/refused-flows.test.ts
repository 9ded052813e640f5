import { describe, expect, test } from "vitest";
import type { FlowEvidence, LocalizeCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { localizeTogether, type PooledTarget } from "../support/pooled-targets.ts";

const pathBy = (router: number, address: string): string[] => [
  "10.0.0.1",
  `10.1.0.${router}`,
  `10.2.0.${router}`,
  address,
];

const ended = (bucket: number, hops: string[]) => ({
  bucket,
  source_port: 61_000 + bucket,
  seen: hops,
  last_hop: hops.at(-1) ?? "unknown",
  probes: 6,
  failures: 6,
  streak: 6,
});

/** A target of which flows by the second of three routers die there, and the others work. */
function working(index: number): PooledTarget {
  const target = `198.51.100.${index}`;
  const flows = Array.from({ length: 48 }, (_, bucket): FlowEvidence => {
    const path = pathBy(1 + (bucket % 3), target);
    if (bucket % 3 === 1) return { ...ended(bucket, path.slice(0, 2)), path };
    return { ...ended(bucket, []), path, failures: 0, streak: 0 };
  });
  return { name: `t${index}`, input: { target, flows, known_links: [] } };
}

/**
 * A target on a port where nothing listens: nobody has ever seen a healthy way. Every third flow dies at the broken router, if there is
 * one; a few flows that are refused have been swept as far as the hops answered.
 */
function refused(index: number, broken: boolean): LocalizeCase {
  const target = `198.51.100.${index}`;
  const flows = Array.from({ length: 48 }, (_, bucket): FlowEvidence => {
    const path = pathBy(1 + (bucket % 3), target);
    if (broken && bucket % 3 === 1) return { ...ended(bucket, path.slice(0, 2)), path: null };
    const swept = bucket % 4 === 0 ? path.slice(0, 1 + (bucket % 3)) : [];
    return { ...ended(bucket, swept), path: null, last_hop: target, refused: true };
  });
  return { target, flows, known_links: [] };
}

/** Hops that flows cross which the destination refuses, by what the network of the test is. */
const ofRefused = (broken: boolean): (string | null)[] =>
  [1, 2, 3].filter((router) => !broken || router !== 2).flatMap((router) => pathBy(router, ""));

describe("a target that refuses every probe", () => {
  test("has no suspect on the way, wherever the sweeps of its flows ended", () => {
    const { verdict, suspects } = localize(refused(3, false));
    expect(verdict).toBe("target_down");
    expect(suspects).toEqual([]);
  });

  test("has none with what others have shown either, as long as none of its own flows dies there", () => {
    const others = [working(1), working(2)];
    const target = { name: "t3", input: refused(3, false) };
    const { shared, found } = localizeTogether([...others, target]);
    expect(shared.faults).toHaveLength(1);
    expect(found.at(-1)).toMatchObject({ verdict: "target_down", suspects: [] });
  });

  test("makes nobody else suspect what its flows cross", () => {
    const others = [working(1), working(2)];
    const alone = localizeTogether(others);
    const beside = localizeTogether([...others, { name: "t3", input: refused(3, false) }]);
    expect(beside.shared.faults.map(({ place }) => place)).toEqual(
      alone.shared.faults.map(({ place }) => place),
    );
  });
});

describe("a target that refuses what gets there, while the rest dies on the way", () => {
  test("names the place where it dies, and none that refused flows cross", () => {
    const { verdict, reason, suspects } = localize(refused(3, true));
    expect(verdict).toBe("target_down");
    expect(reason).not.toContain("all sweeps end");
    expect(suspects).not.toEqual([]);
    for (const { from, place } of suspects) {
      expect([from, place]).toEqual(["10.1.0.2", "beyond"]);
    }
  });

  test("is told what others have shown of that place", () => {
    const target = { name: "t3", input: refused(3, true) };
    const { shared, found } = localizeTogether([working(1), working(2), target]);
    const [fault] = shared.faults;
    expect(fault?.place).toMatchObject({ from: "10.1.0.2", to: "10.2.0.2" });
    expect(found.at(-1)?.suspects.map(({ name }) => name)).toEqual([fault?.place.name]);
  });
});

test("where a few flows work and the others are refused, nothing on the way of these is suspected", () => {
  const input = refused(3, false);
  const flows = input.flows.map((flow, index): FlowEvidence => {
    if (index % 12 !== 0) return flow;
    const { refused: _, ...rest } = flow;
    return {
      ...rest,
      path: pathBy(1 + (index % 3), input.target),
      seen: [],
      failures: 0,
      streak: 0,
    };
  });
  const { verdict, suspects } = localize({ ...input, flows });
  expect(verdict).toBe("path_fault");
  const crossed = ofRefused(false);
  for (const { segment, from, to } of suspects) {
    expect(segment === "forward" && (crossed.includes(from) || crossed.includes(to))).toBe(false);
  }
});

test("a destination that refuses now one flow and now another is one suspect, and lossy", () => {
  const target = "198.51.100.9";
  // Of twelve probes of each flow four were refused; of every third flow the last was.
  const flows = Array.from({ length: 48 }, (_, bucket): FlowEvidence => {
    const path = pathBy(1 + (bucket % 4), target);
    const isRefused = bucket % 3 === 0;
    const counts = { probes: 12, failures: 3 + (bucket % 3), streak: isRefused ? 1 : 0 };
    const rest = isRefused ? { last_hop: target, refused: true } : {};
    if (bucket % 8 === 7) return { ...ended(bucket, []), path, failures: 0, streak: 0 };
    return { ...ended(bucket, []), path, ...counts, ...rest };
  });
  const { verdict, suspects } = localize({ target, flows, known_links: [] });
  expect(verdict).toBe("path_loss");
  expect(suspects).toMatchObject([{ place: "endpoint", name: target }]);
});

describe("flows that are refused, all by one router and no others,", () => {
  const target = "198.51.100.9";
  /** Flows by the first of four routers are refused; `last` is what all meet then, if anything. */
  const told = (last: string | undefined) => {
    const flows = Array.from({ length: 48 }, (_, bucket): FlowEvidence => {
      const path = pathBy(1 + (bucket % 4), target);
      if (last !== undefined) path.splice(-1, 0, last);
      if (bucket % 4 === 0) return { ...ended(bucket, []), path, last_hop: target, refused: true };
      return { ...ended(bucket, []), path, failures: 0, streak: 0 };
    });
    return localize({ target, flows, known_links: [] });
  };

  test("are refused there in the destination's name where the others meet them again farther on", () => {
    const { verdict, suspects } = told("10.3.0.1");
    expect(verdict).toBe("path_fault");
    expect(suspects).toMatchObject([
      { place: "router", name: "10.1.0.1", from: "10.1.0.1", to: "10.2.0.1" },
    ]);
    expect(suspects[0]?.alternatives).toMatchObject([{ place: "endpoint", name: target }]);
  });

  test("may get to another host of the same address where they do not", () => {
    const { suspects } = told(undefined);
    expect(suspects).toMatchObject([{ place: "endpoint", name: target }]);
    expect(suspects[0]?.alternatives).toMatchObject([{ place: "router", name: "10.1.0.1" }]);
  });
});
