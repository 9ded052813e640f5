import { describe, expect, test } from "vitest";
import type { ReflectorCounts } from "../../src/packet/payload/payload.ts";
import { CountComparison, type Direction, OneWayLoss } from "../../src/probe/one-way.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

/** What became of one probe: its counts at the reflector, or nothing. */
type Fate =
  | { readonly received: number; readonly answered?: number; readonly epoch?: number }
  | "lost"
  | "void";

/** What a comparison tells of probes that are called 1, 2, 3, … */
function toldOf(fates: readonly Fate[]): Record<number, Direction> {
  const told: Record<number, Direction> = {};
  const comparison = new CountComparison<number>((probe, direction) => {
    told[probe] = direction;
  });
  const entries = fates.map((_, i) => comparison.sent(i + 1));
  for (const [i, fate] of fates.entries()) {
    const entry = entries[i];
    if (entry === undefined) continue;
    entry.state =
      typeof fate === "string" ? fate : { epoch: 0, sent: i + 1, answered: fate.received, ...fate };
    comparison.settle();
  }
  return told;
}

const at = (received: number): Fate => ({ received });

describe("the reflector's count beside ours", () => {
  test("shows what never arrived and what was answered in vain", () => {
    // Probes 3 and 4 die on the way there, 7's answer on the way back.
    const fates = [at(1), at(2), "lost", "lost", at(3), at(4), "lost", at(6), at(7)] as const;
    expect(toldOf(fates)).toEqual({ 3: "forward", 4: "forward", 7: "return" });
  });

  test("tells nothing of a gap of which a part arrived", () => {
    expect(toldOf([at(1), at(2), "lost", "lost", at(4), at(5), at(6)])).toEqual({});
  });

  test("tells nothing where packets overtook, beside it either", () => {
    // Probe 3 arrives behind 4: first it seems lost, then one too many came.
    expect(toldOf([at(1), at(2), "lost", at(3), at(5), "lost", at(6), at(7)])).toEqual({});
    // A request that was doubled on the way.
    expect(toldOf([at(1), at(2), at(4), "lost", at(5), at(6)])).toEqual({});
  });

  test("tells nothing across the reflector's restart, and goes on behind it", () => {
    const fates = [at(91), at(92), "lost", at(1), at(2), "lost", at(3), at(4)] as const;
    expect(toldOf(fates)).toEqual({ 6: "forward" });
  });

  test("tells nothing of what the reflector left without an answer", () => {
    const fates: Fate[] = [
      at(1),
      at(2),
      "lost",
      { received: 4, answered: 3 },
      { received: 5, answered: 4 },
    ];
    expect(toldOf(fates)).toEqual({});
  });

  test("tells nothing of probes that say nothing, nor where packets of another kind went in between", () => {
    expect(toldOf([at(1), at(2), "void", "lost", at(3), at(4)])).toEqual({ 4: "forward" });
    const epochs: Fate[] = [
      at(1),
      at(2),
      "lost",
      { received: 3, epoch: 1 },
      { received: 4, epoch: 1 },
    ];
    expect(toldOf(epochs)).toEqual({});
  });

  test("waits for probes that are still under way", () => {
    const told: number[] = [];
    const comparison = new CountComparison<number>((probe) => told.push(probe));
    const entries = [1, 2, 3, 4, 5].map((probe) => comparison.sent(probe));
    const close = (probe: number, state: ReflectorCounts | "lost") => {
      const entry = entries[probe - 1];
      if (entry !== undefined) entry.state = state;
      comparison.settle();
    };
    const counts = (sent: number, received: number) => ({
      epoch: 0,
      sent,
      received,
      answered: received,
    });
    close(1, counts(1, 1));
    close(2, counts(2, 2));
    close(4, counts(4, 3));
    close(5, counts(5, 4));
    expect(told).toEqual([]);
    close(3, "lost");
    expect(told).toEqual([3]);
  });

  test("is never wrong on a network that keeps the order", () => {
    const random = seeded(printedSeed("one-way loss"));
    for (let run = 0; run < 200; run += 1) {
      const [there, back] = [random.next() / 2, random.next() / 2];
      const truth: (Direction | "answered")[] = [];
      let received = 0;
      const fates = Array.from({ length: 300 }, (): Fate => {
        const fate = random.chance(there) ? "forward" : random.chance(back) ? "return" : "answered";
        truth.push(fate);
        if (fate !== "forward") received += 1;
        return fate === "answered" ? at(received) : "lost";
      });
      for (const [probe, direction] of Object.entries(toldOf(fates))) {
        expect(direction).toBe(truth[Number(probe) - 1]);
      }
    }
  });
});

describe("one-way loss of a target", () => {
  const flows = [{ name: "a" }, { name: "b" }, { name: "dead" }];

  /** Sends every flow's probe once a round; the answers of `dead` never come. */
  function rounds(answer: (round: number, index: number) => object | "lost", count = 6): string[] {
    const told: string[] = [];
    const loss = new OneWayLoss<{ name: string }>((flow, way) => told.push(`${flow.name} ${way}`));
    for (let round = 0; round < count; round += 1) {
      for (const [index, flow] of flows.entries()) {
        loss.sent(flow);
        const said = answer(round, index);
        loss.ended(flow, said === "lost" ? "lost" : { identification: 1, ...said });
      }
    }
    return told;
  }

  const counts = (sent: number, received: number) => ({
    epoch: 0,
    sent,
    received,
    answered: received,
  });

  test("is known of a flow of which nothing comes back, where the reflector counts over all flows", () => {
    const arrives = (round: number, index: number) =>
      index === 2 ? "lost" : { shared: counts(3 * round + index + 1, 3 * round + index + 1) };
    expect(new Set(rounds(arrives))).toEqual(new Set(["dead return"]));
    const dies = (round: number, index: number) =>
      index === 2 ? "lost" : { shared: counts(3 * round + index + 1, 2 * round + index + 1) };
    expect(new Set(rounds(dies))).toEqual(new Set(["dead forward"]));
  });

  test("is known by the flow's own sequence where there is nothing better", () => {
    // Flow b loses every second answer on its way back.
    const own = (round: number, index: number) =>
      index === 2 || (index === 1 && round % 2 === 1) ? "lost" : { own: counts(round + 1, round) };
    expect(rounds(own, 8)).toEqual(["b return"]);
  });
});
