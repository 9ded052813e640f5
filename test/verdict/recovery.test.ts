import { describe, expect, it } from "vitest";
import type { Suspect } from "../../src/localize/suspect.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { Evidence } from "../../src/verdict/evidence.ts";
import { forgetRecovered } from "../../src/verdict/recovery.ts";

const INTERVAL_MS = 10_000;

/** A flow is a key and a state here. */
interface Told {
  /** `.` answered, `x` failed, space not probed, one an interval, the last at the end. */
  readonly results: string;
  /** Its way; null where that is not known. */
  readonly hops?: readonly string[] | null;
  readonly retired?: boolean;
}

/** Evidence of flows that were probed in turn over each interval, all up to the same end. */
function tell(flows: readonly Told[]) {
  const evidence = new Evidence();
  const end = Math.max(...flows.map(({ results }) => results.length)) * INTERVAL_MS;
  const probed = flows.map(({ results, retired }, index) => {
    const flow = {
      bucket: index,
      active: retired !== true,
      state: results.endsWith("x") ? "failing" : "up",
    } as ProbedFlow;
    [...results].forEach((result, at) => {
      if (result === " ") return;
      const time = end - (results.length - at) * INTERVAL_MS;
      evidence.add(flow, result === "x", time + (index * INTERVAL_MS) / flows.length);
    });
    return flow;
  });
  const hops = new Map(
    probed.map((flow, index) => {
      const { hops: own = ["a", "b", "t"] } = flows[index] ?? {};
      return [flow, own ?? undefined];
    }),
  );
  return {
    evidence,
    forget: (suspects: readonly Suspect[] = []) => {
      forgetRecovered(evidence, suspects, (flow) => hops.get(flow), end);
    },
    failures: () => probed.map((flow) => evidence.counts(end).get(flow)?.failures ?? 0),
  };
}

function suspect(from: string, to: string, lossRatio: number): Suspect {
  return {
    from,
    to,
    segment: "forward",
    place: "link",
    name: to,
    loss_ratio: lossRatio,
    confidence: 0.9,
    reason: "",
    alternatives: [],
  };
}

describe("forgetRecovered", () => {
  it("forgets a dead path's failures once all its flows have answered", () => {
    const { forget, failures } = tell(Array(4).fill({ results: "....xxxxxx." }));
    forget();
    expect(failures()).toEqual([0, 0, 0, 0]);
  });

  it("keeps them while one flow of it still fails", () => {
    const healed = { results: "....xxxxxx." };
    const { forget, failures } = tell([healed, healed, { results: "....xxxxxxx" }]);
    forget([suspect("a", "b", 1)]);
    expect(failures()).toEqual([6, 6, 7]);
  });

  it("does not take the answers of flows that never failed for a sign of healing", () => {
    const spared = Array(20).fill({ results: "..........." });
    const { forget, failures } = tell([{ results: ".......xxxx" }, ...spared]);
    forget([suspect("a", "b", 0.5)]);
    expect(failures()[0]).toBe(4);
  });

  it("keeps the failures of a lossy path after a few answers, and forgets them after many", () => {
    // Loss of a quarter: sixteen answers leave a chance of 0.01.
    const lossy = (more: string) => tell(Array(4).fill({ results: `.x...x...x..${more}` }));
    const few = lossy(".");
    few.forget();
    expect(few.failures()).toEqual([3, 3, 3, 3]);
    const many = lossy(".....");
    many.forget();
    expect(many.failures()).toEqual([0, 0, 0, 0]);
  });

  it("judges a loss by the time it was there, not by the minutes before", () => {
    // Five of 32 probes were lost, which is little of all.
    const before = ".........";
    const flows = ["x....x...", "...x.....", ".........", "...x...x."].map((during) => ({
      results: `${before}${during}`,
    }));
    const early = tell(flows.map(({ results }) => ({ results: `${results}...` })));
    early.forget([suspect("a", "b", 0.04)]);
    expect(early.failures()).toEqual([2, 1, 0, 2]);
    const late = tell(flows.map(({ results }) => ({ results: results + ".".repeat(14) })));
    late.forget([suspect("a", "b", 0.04)]);
    expect(late.failures()).toEqual([0, 0, 0, 0]);
  });

  it("does not take what few probes show for the share that is lost, so that loss goes on until many were answered", () => {
    // Three of four probes that followed each other were lost: chance at a loss of a third as well.
    const before = "..........";
    const lossy = (more: string) =>
      tell(["x", "x", ".", "x"].map((during) => ({ results: `${before}${during}${more}` })));
    const few = lossy("..");
    few.forget([suspect("a", "b", 0.07)]);
    expect(few.failures()).toEqual([1, 1, 0, 1]);
    const many = lossy(".........");
    many.forget([suspect("a", "b", 0.07)]);
    expect(many.failures()).toEqual([0, 0, 0, 0]);
  });

  it("takes how much is lost from the time of the fault, however long nothing was lost before", () => {
    const before = ".".repeat(20);
    const lossy = (more: string) =>
      tell(
        ["x.xx.x", "xx.x.x", ".x.xxx", "x.x.xx"].map((during) => ({
          results: before + during + more,
        })),
      );
    const few = lossy(".");
    few.forget();
    expect(few.failures()).toEqual([4, 4, 4, 4]);
    const many = lossy("....");
    many.forget();
    expect(many.failures()).toEqual([0, 0, 0, 0]);
  });

  it("does not take flows for healed that failed once: why they are looked at says nothing of how much is lost", () => {
    const { forget, failures } = tell(
      Array(4).fill({ results: `${".".repeat(20)}x${".".repeat(10)}` }),
    );
    forget();
    expect(failures()).toEqual([1, 1, 1, 1]);
  });

  it("holds loss that ended, came back and ended again for over: only outages come back again and again", () => {
    const evidence = new Evidence();
    const flows = Array.from(
      { length: 4 },
      (_, bucket) => ({ bucket, active: true }) as ProbedFlow,
    );
    let now = 0;
    const go = (...results: readonly string[]) => {
      for (let at = 0; at < (results[0]?.length ?? 0); at += 1) {
        flows.forEach((flow, index) => {
          const failed = results[index % results.length]?.[at] === "x";
          flow.state = failed ? "failing" : "up";
          evidence.add(flow, failed, now + index);
        });
        now += INTERVAL_MS;
      }
      forgetRecovered(evidence, [], () => undefined, now);
    };
    go("......");
    for (const _ of ["first", "second"]) {
      go("xx..x", "x.x.x", ".xxx.", "x..xx");
      expect(evidence.mayHaveFailures).toBe(true);
      go(".....");
      expect(evidence.mayHaveFailures).toBe(false);
    }
  });

  it("forgets loss that is over while flows of it die of what has followed, however many", () => {
    const { forget, failures } = tell([
      ...Array(8).fill({ results: "....x.xx.x.x..........", hops: ["a", "b", "t"] }),
      ...Array(4).fill({ results: "....x.xx.x..xxxxxxxxxx", hops: ["a", "b", "t"] }),
      ...Array(4).fill({ results: "............xxxxxxxxxx", hops: ["a", "c", "t"] }),
    ]);
    forget();
    expect(failures()).toEqual([...Array(8).fill(0), ...Array(8).fill(10)]);
  });

  it("keeps what flows answered before they seem dead where nothing of their loss was forgotten", () => {
    const { evidence, forget } = tell([
      ...Array(8).fill({ results: "............", hops: ["a", "b", "t"] }),
      ...Array(2).fill({ results: "....x.x.xxxx", hops: ["a", "c", "t"] }),
    ]);
    forget([suspect("a", "c", 0.6)]);
    const lossy = [...evidence.counts(120_000).values()].slice(8);
    expect(lossy.map(({ probes, failures }) => [probes, failures])).toEqual(Array(2).fill([12, 6]));
  });

  it("forgets loss of all flows on links that the loss which followed it spares", () => {
    const one = "......x..xx.x";
    const { forget, failures } = tell([
      ...Array(8).fill({ results: `${one}..........`, hops: ["a", "b", "t"] }),
      ...Array(4).fill({ results: `${one}x..x.x..xx`, hops: ["a", "c", "t"] }),
    ]);
    forget();
    expect(failures()).toEqual([...Array(8).fill(0), ...Array(4).fill(9)]);
  });

  it("does not forget loss of a few flows on a link by chance while others go on losing", () => {
    const { forget, failures } = tell([
      ...Array(2).fill({ results: "......x..xx.x.....", hops: ["a", "b", "t"] }),
      ...Array(6).fill({ results: "......x..xx.x..x.x", hops: ["a", "c", "t"] }),
    ]);
    forget();
    expect(failures().slice(0, 2)).toEqual([4, 4]);
  });

  it("forgets the few failures that are left when most of a fault was forgotten, once everybody has answered twice", () => {
    const many = Array(6).fill({ results: "....x.xx.x.xx.......", hops: ["a", "b", "t"] });
    const few = Array(3).fill({ results: "....x...............", hops: ["a", "c", "t"] });
    const both = tell([...many, ...few]);
    both.forget([suspect("a", "b", 0.4), suspect("a", "c", 0.01)]);
    expect(both.failures()).toEqual(Array(9).fill(0));
    const alone = tell(few);
    alone.forget();
    expect(alone.failures()).toEqual([1, 1, 1]);
  });

  it("forgets one fault while another goes on", () => {
    const { forget, failures } = tell([
      { results: "..xxxxxx..", hops: ["a", "b", "t"] },
      { results: "..xxxxxx..", hops: ["a", "b", "t"] },
      { results: "..xxxxxxxx", hops: ["a", "c", "t"] },
    ]);
    forget([suspect("a", "b", 1), suspect("a", "c", 1)]);
    expect(failures()).toEqual([0, 0, 8]);
  });

  it("lets flows that a rotation has begun since speak for those that it retired", () => {
    const { forget, failures } = tell([
      ...Array(4).fill({ results: ".x...x...x      ", retired: true }),
      ...Array(4).fill({ results: "......" }),
    ]);
    forget([suspect("a", "b", 0.25)]);
    expect(failures().slice(0, 4)).toEqual([0, 0, 0, 0]);
  });
});

describe("a link that loses a tenth, as a rotation has just given every flow another port", () => {
  const BEFORE = "....x.........x.";
  const retired: Told[] = ["b", "c", "d", "e"].flatMap((hop) =>
    Array.from({ length: 4 }, () => ({
      results: `${hop === "b" ? BEFORE : BEFORE.replaceAll("x", ".")}${" ".repeat(4)}`,
      hops: ["a", hop, "t"],
      retired: true,
    })),
  );
  const begun = (count: number, rounds: number): Told[] =>
    Array.from({ length: count }, () => ({
      results: `${" ".repeat(BEFORE.length + 4 - rounds)}${".".repeat(rounds)}`,
      hops: null,
    }));

  it("is not over because flows of unknown ways have answered, of which a quarter crosses it", () => {
    const { forget, failures } = tell([...retired, ...begun(16, 2)]);
    forget([suspect("a", "b", 0.13)]);
    expect(failures().slice(0, 4)).toEqual([2, 2, 2, 2]);
  });

  it("is over when they have answered so often that a quarter of them shows it", () => {
    const { forget, failures } = tell([...retired, ...begun(48, 4)]);
    forget([suspect("a", "b", 0.13)]);
    expect(failures().slice(0, 4)).toEqual([0, 0, 0, 0]);
  });
});
