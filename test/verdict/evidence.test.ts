import { describe, expect, it } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { Evidence } from "../../src/verdict/evidence.ts";

const INTERVAL_MS = 10_000;

/** Evidence of one flow a text: `.` answered, `x` failed, one every ten seconds from 0. */
function evidenceOf(...flows: readonly string[]): { evidence: Evidence; end: number } {
  const evidence = new Evidence();
  flows.forEach((results, bucket) => {
    const flow = { bucket } as ProbedFlow;
    [...results].forEach((result, at) => {
      evidence.add(flow, result === "x", at * INTERVAL_MS);
    });
  });
  const longest = Math.max(...flows.map(({ length }) => length));
  return { evidence, end: (longest - 1) * INTERVAL_MS };
}

function showsLoss(...flows: readonly string[]): boolean {
  const { evidence, end } = evidenceOf(...flows);
  return evidence.showsLoss(end);
}

describe("Evidence", () => {
  it("counts each flow apart and forgets flows that were not probed for five minutes", () => {
    const { evidence } = evidenceOf("..x", ".");
    expect([...evidence.counts(20_000).values()]).toEqual([
      { probes: 3, failures: 1, streak: 1 },
      { probes: 1, failures: 0, streak: 0 },
    ]);
    expect([...evidence.counts(310_000).values()]).toHaveLength(1);
    expect(evidence.counts(400_000).size).toBe(0);
  });

  it("leaves out flows that were retired before anything failed, unless they failed themselves", () => {
    const evidence = new Evidence();
    const probe = (flow: ProbedFlow, results: string, from: number) => {
      [...results].forEach((result, at) => {
        evidence.add(flow, result === "x", from + at * INTERVAL_MS);
      });
      return flow;
    };
    const flow = (bucket: number, active: boolean) => ({ bucket, active }) as ProbedFlow;
    const before = probe(flow(0, false), "....", 0);
    const spared = probe(flow(1, false), ".......", 0);
    const current = probe(flow(2, true), "...", 40_000);
    expect([...evidence.telling(60_000).keys()]).toEqual([current]);
    const failing = probe(flow(3, true), ".xx", 40_000);
    expect([...evidence.telling(60_000).keys()]).toEqual([spared, current, failing]);
    evidence.add(before, true, 35_000);
    expect([...evidence.telling(60_000).keys()]).toEqual([before, spared, current, failing]);
  });

  /** Flows probed in turn, a second apart, round after round; one text a flow, a letter a round, a space where it was not probed. */
  function rounds(...flows: readonly string[]): { evidence: Evidence; news: boolean[] } {
    const evidence = new Evidence();
    const probed = flows.map((_, bucket) => ({ bucket, active: true }) as ProbedFlow);
    const news: boolean[] = [];
    for (let round = 0; round < Math.max(...flows.map(({ length }) => length)); round += 1) {
      probed.forEach((flow, bucket) => {
        const result = flows[bucket]?.[round];
        const now = round * INTERVAL_MS + bucket * 1000;
        if (result !== undefined && result !== " ")
          news.push(evidence.add(flow, result === "x", now));
      });
    }
    return { evidence, news };
  }

  it("leaves out flows that work as long as they have not been probed since another died", () => {
    const { evidence } = rounds("..", "..xxxx", "..", "...");
    const buckets = [...evidence.telling(50_000).keys()].map(({ bucket }) => bucket);
    // Flow 3 was probed after flow 1 began to fail; of the others it is not known whether they still work.
    expect(buckets).toEqual([1, 3]);
  });

  it("keeps them while no flow is dead", () => {
    expect(rounds("..", "..xx", "..").evidence.telling(50_000).size).toBe(3);
  });

  it("counts only the failures of a flow that has just begun to fail while another is dead", () => {
    const countsOf = (...flows: readonly string[]) =>
      [
        ...rounds(...flows)
          .evidence.telling(50_000)
          .values(),
      ].at(-1);
    expect(countsOf("..xxxx", "...xx")).toEqual({ probes: 2, failures: 2, streak: 2 });
    // It lost and answered before: that is loss, whatever began since.
    expect(countsOf("..xxxx", ".x.xx")).toEqual({ probes: 5, failures: 3, streak: 2 });
    expect(countsOf("..xx", "...xx")).toEqual({ probes: 5, failures: 2, streak: 2 });
  });

  it("counts every answer where more flows lose a part than look dead", () => {
    const lossy = ["..x.x.x.", "..xx.xx.", "...x.xx.", "..xx..x."];
    const countsOf = (...flows: readonly string[]) =>
      [
        ...rounds(...flows, ...lossy)
          .evidence.telling(75_000)
          .values(),
      ].slice(0, flows.length);
    // By chance the first lost four in a row just now, the second before it answered; the third has just begun to fail.
    expect(countsOf("....xxxx", ".xxxx..", "......xx")).toEqual([
      { probes: 8, failures: 4, streak: 0 },
      { probes: 7, failures: 4, streak: 0 },
      { probes: 8, failures: 2, streak: 0 },
    ]);
    // As many look dead as lose a part: what has just begun to fail dies.
    expect(countsOf("....xxxx", "....xxxx", "....xxxx", "....xxxx", "......xx")[4]).toEqual({
      probes: 2,
      failures: 2,
      streak: 2,
    });
  });

  it("holds a flow for dead that fails more often in a row than loss explains", () => {
    const lossy = ["...............x.x...", "...............x..x..", "...............x..x.."];
    const { evidence } = rounds("...........xxxxxxxxxx", ...lossy);
    expect([...evidence.telling(205_000).values()][0]).toEqual({
      probes: 21,
      failures: 10,
      streak: 10,
    });
  });

  it("counts only what came since a fault began that takes most packets of many flows at once", () => {
    const lossy = ["..........xxxx.x", "..........xxx.xx", "..........xxxxxx"];
    const { evidence } = rounds(...lossy, "................");
    const all = [...evidence.telling(155_000).values()].map(({ probes }) => probes);
    expect(all).toEqual([16, 16, 16, 16]);
    const since = [...evidence.telling(155_000, 11_000).values()];
    expect(since.map(({ probes, failures }) => [probes, failures])).toEqual([
      [6, 5],
      [6, 5],
      [6, 6],
      [6, 0],
    ]);
  });

  it("takes flows that lose little for no reason why others fail in a row", () => {
    const { evidence } = rounds("....xxxx", "......xx", "..x.....", "...x....", "..x.....");
    expect([...evidence.telling(75_000).values()].slice(0, 2)).toEqual([
      { probes: 8, failures: 4, streak: 4 },
      { probes: 2, failures: 2, streak: 2 },
    ]);
  });

  it("counts flows over the same time where the failures of one were forgotten, or one has begun later", () => {
    const { evidence } = rounds(
      `${".".repeat(20)}.x..x...x.`,
      `${".".repeat(10)}xxxxx........x.x..x.`,
      ".".repeat(30),
      `${" ".repeat(12)}.............x..x.`,
    );
    const counts = [...evidence.counts(295_000).values()].map(({ probes }) => probes);
    expect(counts).toEqual([30, 15, 30, 18]);
    const told = [...evidence.telling(295_000, 11_000).values()];
    expect(told.map(({ failures }) => failures)).toEqual([3, 3, 0, 2]);
    for (const { probes } of told) expect(Math.abs(probes - 12)).toBeLessThan(5);
  });

  it("counts all that was answered where nothing fails, however late a flow has begun", () => {
    const { evidence } = rounds(".".repeat(30), ".".repeat(30), `${" ".repeat(29)}.`);
    const told = [...evidence.telling(295_000, 11_000).values()];
    expect(told.map(({ probes }) => probes)).toEqual([30, 30, 1]);
  });

  it("knows whether anything was answered since a flow died", () => {
    expect(rounds("..", "..xxxx", "..").evidence.answersSinceDeath).toBe(false);
    expect(rounds("..", "..xxxx", "...").evidence.answersSinceDeath).toBe(true);
    expect(rounds("...", "..xx.", "...").evidence.answersSinceDeath).toBe(false);
  });

  it("is recovering while dead flows come back and no other begins to fail", () => {
    const { evidence } = rounds("xxxx", "xxxx.");
    expect(evidence.isRecovering(45_000, INTERVAL_MS)).toBe(true);
    expect(evidence.isRecovering(60_000, INTERVAL_MS)).toBe(false);
    expect(rounds("xxxx", "xxxx.", "....x").evidence.isRecovering(45_000, INTERVAL_MS)).toBe(false);
    expect(rounds("x", "x.").evidence.isRecovering(12_000, INTERVAL_MS)).toBe(false);
  });

  it("takes failures of flows that were not dead yet, and answers of those that failed, for news", () => {
    expect(rounds(".xxxxxx").news).toEqual([false, true, true, true, true, false, false]);
    expect(rounds("x..").news).toEqual([true, true, false]);
    // Dead before: each answer until it has recovered.
    expect(rounds("xxxx....").news.slice(4)).toEqual([true, true, true, false]);
  });

  it("shows no loss while flows that began to fail have not answered again", () => {
    expect(showsLoss("....x", "....x", ".....")).toBe(false);
    expect(showsLoss("...xx", "..x..", "...xx")).toBe(false);
  });

  it("shows loss once most flows that failed have answered since", () => {
    expect(showsLoss("..x..", ".x.x.", "....x")).toBe(true);
  });

  it("does not take flows that revive after they were dead for lossy ones", () => {
    expect(showsLoss("..xxxxx.", "..xxxxx.", "..xxxxxx")).toBe(false);
  });
});
