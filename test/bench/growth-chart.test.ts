import { describe, expect, it } from "vitest";
import { decades, growthChart } from "../../bench/growth-chart.ts";

const PANEL = {
  title: "Memory",
  yLabel: "MB",
  points: [
    { x: 10, y: 90 },
    { x: 1000, y: 300 },
  ],
};

describe("the chart of growth", () => {
  it("is one document with a panel each, axes with units, and colours for both schemes", () => {
    const svg = growthChart([PANEL, { ...PANEL, title: "CPU" }], "targets", "64 flows < each");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 800 /);
    expect(svg.match(/<g /g)).toHaveLength(2);
    expect(svg.match(/>targets</g)).toHaveLength(2);
    expect(svg).toContain(">MB<");
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).toContain("64 flows &lt; each");
    expect(svg).not.toContain("NaN");
  });

  it("places points by their logarithm", () => {
    const svg = growthChart([PANEL], "targets", "");
    const circles = [...svg.matchAll(/<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"/g)];
    const [first, last] = circles.map(([, x, y]) => [Number(x), Number(y)]);
    // From 10 to 1,000 the axis is all of its width.
    expect([first?.[0], last?.[0]]).toEqual([64, 372]);
    expect(first?.[1]).toBeGreaterThan(last?.[1] ?? 0);
  });

  it("has whole decades, one at least", () => {
    expect(decades([12, 4000])).toEqual([1, 4]);
    expect(decades([10])).toEqual([1, 2]);
    expect(() => decades([0, 1])).toThrow(/not above 0/);
  });
});
