import { expect, test } from "vitest";
import { estimateNoise } from "../../src/localize/noise.ts";

const flows = (many: number, failures: number, probes: number) =>
  Array.from({ length: many }, () => ({ failures, probes }));

test("flows that lose a part do not count as noise, flows that lose a probe now and then do", () => {
  expect(estimateNoise([...flows(50, 0, 100), ...flows(10, 40, 100)])).toBeLessThan(0.001);
  expect(estimateNoise([...flows(40, 0, 100), ...flows(40, 2, 100)])).toBeGreaterThan(0.005);
});

test("is bounded: what all flows lose is no noise", () => {
  expect(estimateNoise(flows(60, 30, 100))).toBeLessThanOrEqual(0.012);
  expect(estimateNoise([])).toBeGreaterThan(0);
});
