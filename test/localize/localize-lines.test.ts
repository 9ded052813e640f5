import { describe, expect, test } from "vitest";
import { localizeLine, refuseLine } from "../../src/localize/localize-lines.ts";

const flow = (bucket: number, hop: string, dead: boolean): object => ({
  bucket,
  source_port: 61000 + bucket,
  path: ["10.0.0.1", hop, "10.9.9.9"],
  seen: dead ? ["10.0.0.1"] : [],
  probes: 30,
  failures: dead ? 30 : 0,
  last_hop: dead ? "10.0.0.1" : "10.9.9.9",
});

describe("localizeLine", () => {
  test("answers a case with one line of verdict, reason and suspects", () => {
    const flows = Array.from({ length: 24 }, (_, i) => flow(i, `10.0.1.${i % 4}`, i % 4 === 3));
    const line = localizeLine(JSON.stringify({ target: "10.9.9.9", flows, known_links: [] }));
    expect(line).not.toContain("\n");
    const answer = JSON.parse(line);
    expect(answer.verdict).toBe("path_fault");
    expect(answer.reason).toContain("6 of 24 flows fail on every probe");
    expect(answer.suspects).toEqual([
      {
        from: "10.0.0.1",
        to: "10.0.1.3",
        segment: "forward",
        place: "link",
        name: "10.0.1.3",
        loss_ratio: 1,
        confidence: expect.any(Number),
        // What dies on its only link in, or in it, is the same.
        alternatives: [
          {
            from: "10.0.0.1",
            to: "10.0.1.3",
            segment: "forward",
            place: "router",
            name: "10.0.1.3",
          },
        ],
      },
    ]);
    expect(answer.suspects[0].confidence).toBeGreaterThan(0.9);
  });

  test("answers a line that cannot be read as a case as indeterminate, with what is wrong", () => {
    expect(() => localizeLine("{}")).toThrow("target: expected an address");
    expect(JSON.parse(refuseLine(new TypeError("target: expected an address")))).toEqual({
      verdict: "indeterminate",
      reason: "This line cannot be read as a case: target: expected an address",
      suspects: [],
    });
  });
});
