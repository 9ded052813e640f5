import { describe, expect, test } from "vitest";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";
import { TargetSeries } from "../../src/metrics/target-series.ts";
import { makeTarget } from "../support/target.ts";

function series(budget = new SeriesBudget(20_000), lastHops = 32, flowBuckets = 4): TargetSeries {
  return new TargetSeries(makeTarget({ flowBuckets }), budget, lastHops);
}

/** Series of a target without buckets. */
function base(): number {
  const budget = new SeriesBudget(0);
  series(budget, 32, 0);
  return budget.used;
}

describe("the series of a target", () => {
  test("are there at zero from the start, every bucket once", () => {
    const buckets = [...series().buckets()];
    expect(buckets.map(({ labels }) => labels)).toEqual(
      [0, 1, 2, 3].map((at) => `target="service",protocol="tcp",flow_bucket="${at}"`),
    );
    expect(buckets.every(({ probes, failures }) => probes === 0 && failures === 0)).toBe(true);
  });

  test("carry the user's labels last, escaped", () => {
    const spec = makeTarget({ name: 'a"b', labels: { site: 'x\\y"z\n', rack: "" } });
    const own = new TargetSeries(spec, new SeriesBudget(0), 1);
    expect(own.labelled('reason="r"')).toBe(
      'target="a\\"b",protocol="tcp",reason="r",site="x\\\\y\\"z\\n",rack=""',
    );
    expect(series().labelled()).toBe('target="service",protocol="tcp"');
  });

  test("of buckets without room are folded into one, each counted once", () => {
    const budget = new SeriesBudget(base() + 12);
    const own = series(budget, 32, 8);
    expect([...own.buckets()].map((bucket) => bucket.own)).toEqual([true, true, false]);
    expect(budget.folded).toBe(6);
    expect(own.bucket(7)).toBe(own.bucket(2));
    expect(own.bucket(7).labels).toContain('flow_bucket="other"');
    expect(own.bucket(1).labels).toContain('flow_bucket="1"');
  });

  test("of last hops keep one pair for a bucket and hop", () => {
    const own = series();
    own.lastHop(1, "10.0.0.1").probes += 2;
    own.lastHop(2, "10.0.0.1").probes += 1;
    expect(own.lastHop(1, "10.0.0.1")).toEqual({
      hop: "10.0.0.1",
      labels: 'target="service",protocol="tcp",flow_bucket="1",last_hop="10.0.0.1"',
      probes: 2,
      failures: 0,
    });
  });
});

describe("last hops past a limit", () => {
  test("become other, each bucket and hop counted once however often it is met", () => {
    const budget = new SeriesBudget(20_000);
    const own = series(budget, 2);
    for (let times = 0; times < 5; times += 1) {
      for (const hop of ["a", "b", "c", "d"]) own.lastHop(0, hop).probes += 1;
      own.lastHop(1, "c").probes += 1;
    }
    const probes = own.bucket(0).lastHops.map(({ hop, probes }) => [hop, probes]);
    expect(probes).toEqual([
      ["a", 5],
      ["b", 5],
      ["other", 10],
    ]);
    expect(own.lastHop(1, "d")).toBe(own.lastHop(1, "c"));
    expect(budget.folded).toBe(4);
  });

  test("leave none and unknown, which are no hops, and what was there before", () => {
    const own = series(undefined, 1);
    own.lastHop(0, "a");
    expect(["a", "none", "unknown", "b"].map((hop) => own.hopLabel(hop))).toEqual([
      "a",
      "none",
      "unknown",
      "other",
    ]);
    expect(own.lastHop(0, "none").labels).toContain('last_hop="none"');
  });

  test("are not counted by being shown", () => {
    const budget = new SeriesBudget(20_000);
    const own = series(budget, 1);
    for (const hop of ["a", "b", "b", "c"]) own.hopLabel(hop);
    expect(budget.folded).toBe(0);
  });

  test("of all series fold in each bucket apart", () => {
    const budget = new SeriesBudget(base() + 2 * 5 + 2);
    const own = series(budget, 32, 2);
    own.lastHop(0, "a").probes += 1;
    own.lastHop(0, "b").probes += 1;
    own.lastHop(1, "a").probes += 1;
    expect(own.bucket(0).lastHops.map(({ hop }) => hop)).toEqual(["a", "other"]);
    expect(own.bucket(1).lastHops.map(({ hop }) => hop)).toEqual(["other"]);
    expect(budget.folded).toBe(2);
  });
});

describe("release", () => {
  test("gives back all that was taken, whatever was folded", () => {
    for (const limit of [0, base() + 7, base() + 25, 20_000]) {
      const budget = new SeriesBudget(limit);
      const other = series(budget);
      const before = budget.used;
      const own = series(budget, 3, 6);
      for (const hop of ["a", "b", "c", "d", "e"]) {
        for (let bucket = 0; bucket < 6; bucket += 1) own.lastHop(bucket, hop);
      }
      expect(budget.used).toBeGreaterThan(before);
      own.release();
      expect(budget.used).toBe(before);
      other.release();
      expect(budget.used).toBe(0);
    }
  });
});
