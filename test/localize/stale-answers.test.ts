import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { withoutStale } from "../../src/localize/stale-answers.ts";
import { localizeTogether, type PooledTarget } from "../support/pooled-targets.ts";

/** When the router began to drop what crosses it, and when flows were probed since. */
const ONSET = 100_000;
const SINCE = 110_000;
const BEFORE = 95_000;

const pathBy = (router: number, address: string): string[] => [
  "10.0.0.1",
  `10.1.0.${router}`,
  "10.2.0.1",
  address,
];

/** A flow that worked when it was probed last. */
function working(bucket: number, path: string[], probedAt: number): FlowEvidence {
  const counts = { probes: 1, failures: 0, streak: 0, probed_at: probedAt };
  return { bucket, source_port: 61_000 + bucket, path, seen: [], last_hop: "unknown", ...counts };
}

/** A flow that began to fail at the onset or a little later; its sweep ended at the first hop. */
function dying(bucket: number, path: string[], failingSince = ONSET + bucket): FlowEvidence {
  const counts = { probes: 6, failures: 6, streak: 6, probed_at: SINCE };
  const swept = { seen: path.slice(0, 1), last_hop: "10.0.0.1", failing_since: failingSince };
  return { bucket, source_port: 61_000 + bucket, path, ...counts, ...swept };
}

/** A target whose flows by the first of three routers fail, and have all been probed since. */
function fastTarget(index: number): PooledTarget {
  const target = `198.51.100.${index}`;
  const flows = Array.from({ length: 48 }, (_, bucket) => {
    const path = pathBy(1 + (bucket % 3), target);
    return bucket % 3 === 0 ? dying(bucket, path) : working(bucket, path, SINCE);
  });
  return { name: `t${index}`, input: { target, flows, known_links: [] } };
}

/** A target of which one flow has failed since, once; the others were probed at `probedAt`, whichever router they cross. */
function slowTarget(index: number, probedAt: number): PooledTarget {
  const target = `198.51.100.${index}`;
  const flows = Array.from({ length: 48 }, (_, bucket) => {
    const path = pathBy(1 + (bucket % 3), target);
    if (bucket > 0) return working(bucket, path, probedAt);
    const once = { probes: 1, failures: 1, streak: 1, failing_since: SINCE };
    return { ...working(bucket, path, SINCE), ...once };
  });
  return { name: `t${index}`, input: { target, flows, known_links: [] } };
}

describe("withoutStale", () => {
  const to = "198.51.100.1";

  test("leaves out what answered before others began to die on a link that it crosses", () => {
    const flows = [
      dying(0, pathBy(1, to)),
      working(1, pathBy(1, to), BEFORE),
      working(2, pathBy(1, to), SINCE),
    ];
    expect(withoutStale(flows, to).map(({ bucket }) => bucket)).toEqual([0, 2]);
  });

  test("goes by the hop where a sweep ended, where the way of the dead flow is not known", () => {
    const flows = [
      { ...dying(0, pathBy(1, to)), path: null },
      working(1, pathBy(1, to), BEFORE),
      working(2, [], BEFORE),
    ];
    expect(withoutStale(flows, to).map(({ bucket }) => bucket)).toEqual([0, 2]);
  });

  test("keeps flows of which the times are not known", () => {
    const { probed_at: _, ...timeless } = working(1, pathBy(1, to), BEFORE);
    const flows = [dying(0, pathBy(1, to)), timeless];
    expect(withoutStale(flows, to)).toEqual(flows);
    const { failing_since: __, ...dead } = dying(0, pathBy(1, to));
    const others = [dead, working(1, pathBy(1, to), BEFORE)];
    expect(withoutStale(others, to)).toEqual(others);
  });

  test("says nothing of links that dead flows have got past", () => {
    const path = pathBy(1, to);
    const behind = { ...dying(0, path), seen: path.slice(0, 3), last_hop: "10.2.0.1" };
    const flows = [behind, working(1, path.slice(0, 3), BEFORE)];
    expect(withoutStale(flows, to)).toEqual(flows);
  });
});

describe("a target that is probed seldom", () => {
  test("makes no bundle of a link that has died whole, by answers from before", () => {
    const { shared, found } = localizeTogether([
      fastTarget(1),
      fastTarget(2),
      slowTarget(3, BEFORE),
    ]);
    expect(shared.faults).toMatchObject([
      { effect: { extent: "all", kind: "dead" }, place: { place: "link" }, since: ONSET },
    ]);
    for (const { suspects } of found) {
      expect(suspects).toMatchObject([{ place: "link", from: "10.0.0.1", to: "10.1.0.1" }]);
      expect(suspects[0]?.loss_ratio).toBe(1);
    }
  });

  test("shows that some flows of a link are spared, by answers since", () => {
    const { shared } = localizeTogether([fastTarget(1), fastTarget(2), slowTarget(3, SINCE)]);
    expect(shared.faults).toMatchObject([
      { effect: { extent: "share" }, place: { place: "bundle" } },
    ]);
  });
});
