import { expect, test } from "vitest";
import { bucketBound, sampleValue } from "../../src/metrics/sample-text.ts";

test.each([
  [0, "0"],
  [-0, "0"],
  [1e21, "1e+21"],
  [0.1 + 0.2, "0.30000000000000004"],
  [5e-324, "5e-324"],
  [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf"],
  [Number.NaN, "NaN"],
])("%d is written %s", (value, text) => {
  expect(sampleValue(value)).toBe(text);
});

test.each([
  [1, "1.0"],
  [0, "0.0"],
  [0.25, "0.25"],
  [10, "10.0"],
  [1e-7, "1e-7"],
  [Number.POSITIVE_INFINITY, "+Inf"],
])("the bucket bound %d is written %s", (bound, text) => {
  expect(bucketBound(bound)).toBe(text);
});
