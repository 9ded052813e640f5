import { describe, expect, it } from "vitest";
import { readArguments } from "../../bench/arguments.ts";
import { capturedProbes } from "../../bench/captured-rtt.ts";
import { sumOf } from "../../bench/exposition-text.ts";
import { LINES } from "../../bench/lines.ts";
import { tableHead, tableRow } from "../../bench/markdown.ts";
import { median, quantile, spread } from "../../bench/statistics.ts";
import type { CapturedPacket } from "../lab/capture.ts";

describe("the table of the benchmarks", () => {
  it("is Markdown that says in bold what missed its bound", () => {
    const columns = (line: string | undefined) => line?.split(/(?<!\\)\|/).length;
    const [head, rule] = tableHead().split("\n");
    const missed = tableRow({ what: "a | b", measured: "2", bound: "<= 1", kept: false });
    expect(missed).toBe("| a \\| b | 2 |  | <= 1 | **missed** |");
    expect(tableRow({ what: "told", measured: "2" })).toBe("| told | 2 |  |  |  |");
    expect([columns(rule), columns(missed)]).toEqual([columns(head), columns(head)]);
  });

  it("measures the lines that are named, or all", () => {
    expect(readArguments([], LINES).lines).toBe(LINES);
    const { lines, effort } = readArguments(["--quick", "rtt", "--rounds=2", "growth"], LINES);
    expect(lines.map(({ name }) => name)).toEqual(["rtt", "growth"]);
    expect(effort).toEqual({ rounds: 2, seconds: 3, quick: true });
    expect(() => readArguments(["nothing"], LINES)).toThrow(/no line "nothing"; there are cost-1k/);
    expect(() => readArguments(["--rounds=0"], LINES)).toThrow(/whole number from 1 to 50/);
  });

  it("names each line once, and bounds its time", () => {
    expect(new Set(LINES.map(({ name }) => name)).size).toBe(LINES.length);
    for (const { limitMinutes } of LINES) expect(limitMinutes).toBeLessThanOrEqual(30);
  });

  it("tells medians and quantiles by nearest rank", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect([0, 0.5, 0.999, 1].map((share) => quantile([4, 2, 1, 3], share))).toEqual([1, 2, 4, 4]);
    expect(median([])).toBeNaN();
    expect(spread([2, 1, 3], 1)).toBe("2.0 (1.0 to 3.0)");
    expect(spread([2], 0)).toBe("2");
  });
});

describe("what the benchmarks read", () => {
  it("is the sum of a name's samples, of no other name that begins so", () => {
    const text =
      '# TYPE a_total counter\na_total{x="1 2"} 3\na_total{x="2"} 4.5\na_total_more 8\na_total 1\nb 2';
    expect(sumOf(text, "a_total")).toBe(8.5);
    expect(sumOf(text, "b")).toBe(2);
    expect(sumOf(text, "c")).toBe(0);
  });

  it("is a SYN with the answer that acknowledges it, whatever traces do meanwhile", () => {
    const syn = packet({ time: 1, sourcePort: 61_000, destinationPort: 80, sequence: 7, flags: 2 });
    const answer = packet({
      time: 1.002,
      sourcePort: 80,
      destinationPort: 61_000,
      flags: 18,
      acknowledged: 8,
    });
    const [probe, ...more] = capturedProbes([
      syn,
      { ...syn, time: 1.001, ttl: 3 },
      packet({ ...answer, time: 1.001, acknowledged: 9 }),
      answer,
      { ...answer, time: 2 },
    ]);
    expect(more).toEqual([]);
    expect(probe?.sourcePort).toBe(61_000);
    expect(probe?.rttMs).toBeCloseTo(2, 6);
  });
});

function packet(
  told: Partial<CapturedPacket> & { readonly acknowledged?: number },
): CapturedPacket {
  const bytes = new Uint8Array(40);
  bytes[0] = 0x45;
  new DataView(bytes.buffer).setUint32(28, told.acknowledged ?? 0);
  return {
    time: 0,
    source: "192.0.2.1",
    destination: "192.0.2.2",
    protocol: "tcp",
    ttl: 64,
    flowLabel: 0,
    sourcePort: 0,
    destinationPort: 0,
    flags: undefined,
    sequence: undefined,
    icmpType: undefined,
    ...told,
    bytes,
  };
}
