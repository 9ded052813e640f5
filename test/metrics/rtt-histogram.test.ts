import { describe, expect, test } from "vitest";
import type { Exemplar } from "../../src/metrics/family.ts";
import { RTT_BOUNDS, RTT_SERIES, RttHistogram } from "../../src/metrics/rtt-histogram.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

interface Emitted {
  readonly labels: string;
  readonly value: number;
  readonly suffix: string | undefined;
  readonly exemplar: Exemplar | undefined;
}

function emitted(histogram: RttHistogram, labels = 'target="t"'): Emitted[] {
  const all: Emitted[] = [];
  histogram.emit((own, value, suffix, exemplar) => {
    all.push({ labels: own, value, suffix, exemplar });
  }, labels);
  return all;
}

function bound(sample: Emitted | undefined): number {
  const text = /le="([^"]+)"$/.exec(sample?.labels ?? "")?.[1] ?? "";
  return text === "+Inf" ? Number.POSITIVE_INFINITY : Number(text);
}

describe("RttHistogram", () => {
  test("has every bucket, the sum and the count at zero before the first observation", () => {
    const samples = emitted(new RttHistogram());
    expect(samples).toHaveLength(RTT_SERIES);
    expect(samples.every(({ value, exemplar }) => value === 0 && exemplar === undefined)).toBe(
      true,
    );
    expect(samples.slice(0, -2).map(bound)).toEqual([...RTT_BOUNDS, Number.POSITIVE_INFINITY]);
    expect(samples.slice(-2).map(({ labels, suffix }) => [labels, suffix])).toEqual([
      ['target="t"', "_sum"],
      ['target="t"', "_count"],
    ]);
  });

  test("counts in each bucket what is not above its bound", () => {
    const random = seeded(printedSeed("round-trip times"));
    const histogram = new RttHistogram();
    const times = Array.from({ length: 500 }, () => 10 ** (random.next() * 6 - 5));
    times.push(...RTT_BOUNDS, 7, 0);
    for (const time of times) histogram.observe(time, 61_000, 3, 1);
    const samples = emitted(histogram);
    for (const sample of samples.slice(0, -2)) {
      expect(sample.value).toBe(times.filter((time) => time <= bound(sample)).length);
    }
    expect(samples.at(-2)?.value).toBeCloseTo(
      times.reduce((sum, time) => sum + time, 0),
      9,
    );
    expect(samples.at(-1)?.value).toBe(times.length);
  });

  test("shows the last observation of a bucket as its exemplar, in that bucket alone", () => {
    const histogram = new RttHistogram();
    histogram.observe(0.02, 61_234, 7, 1_700_000_000.5);
    histogram.observe(0.021, 65_535, 1023, 1_700_000_001.5);
    histogram.observe(99, 61_000, 0, 1_700_000_002.5);
    const exemplars = emitted(histogram)
      .filter(({ exemplar }) => exemplar !== undefined)
      .map((sample) => [bound(sample), sample.suffix, sample.exemplar]);
    expect(exemplars).toEqual([
      [
        0.025,
        "_bucket",
        {
          labels: 'source_port="65535",flow_bucket="1023"',
          value: 0.021,
          timestamp: 1_700_000_001.5,
        },
      ],
      [
        Number.POSITIVE_INFINITY,
        "_bucket",
        { labels: 'source_port="61000",flow_bucket="0"', value: 99, timestamp: 1_700_000_002.5 },
      ],
    ]);
  });
});
