import { describe, expect, test } from "vitest";
import { flowLabelOf } from "../../src/flow/flow-label.ts";

describe("the flow label", () => {
  const ports = Array.from({ length: 65_535 }, (_, i) => i + 1);

  test("made from the source port is another for every port, of 20 bits, and never 0", () => {
    const labels = ports.map((port) => flowLabelOf("port", port));
    expect(new Set(labels).size).toBe(ports.length);
    expect(labels.every((label) => label > 0 && label < 2 ** 20)).toBe(true);
  });

  test("is scattered over all its bits, as routers that hash a part of it want it", () => {
    const labels = ports.slice(61_000 - 1).map((port) => flowLabelOf("port", port));
    for (let bit = 0; bit < 20; bit += 1) {
      const set = labels.filter((label) => (label >> bit) % 2 === 1).length;
      expect(set / labels.length).toBeGreaterThan(0.45);
      expect(set / labels.length).toBeLessThan(0.55);
    }
  });

  test("stays the same over restarts and versions, so that a flow keeps its path", () => {
    expect([61_000, 61_001, 65_535].map((port) => flowLabelOf("port", port))).toEqual([
      Number(((61_000n * 0x9e3779b1n) % 2n ** 32n) / 4096n),
      Number(((61_001n * 0x9e3779b1n) % 2n ** 32n) / 4096n),
      Number(((65_535n * 0x9e3779b1n) % 2n ** 32n) / 4096n),
    ]);
  });

  test("is 0 where none is wanted", () => {
    expect(flowLabelOf(0, 61_000)).toBe(0);
  });
});
