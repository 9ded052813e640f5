import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labelText, packLabels } from "../../src/metrics/label-texts.ts";
import { printedSeed } from "../support/seed.ts";

describe("label texts", () => {
  test("give every sample its own text back, whatever is in it", () => {
    const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", 'a="1"', 'a="2"'));
    const roundTrip = fc.property(fc.array(text), (labels) => {
      const packed = packLabels(labels);
      expect(labels.map((_, sample) => labelText(packed, sample))).toEqual(labels);
    });
    fc.assert(roundTrip, { seed: printedSeed("label texts") });
  });

  test("keep a label set once, however many samples have it", () => {
    const packed = packLabels(['a="1"', 'a="2"', 'a="1"', 'a="1"']);
    expect(packed.text).toBe('a="1"a="2"');
    expect([...packed.places]).toEqual([0, 1, 0, 0]);
  });
});
