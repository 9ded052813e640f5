import { describe, expect, test } from "vitest";
import { SpareTime } from "../../../src/daemon/serving/spare-time.ts";

/** A clock that the work itself moves on. */
function makeSpare(): { spare: SpareTime; pass: (ms: number) => void } {
  let now = 0;
  return {
    spare: new SpareTime({ monotonic: () => now }),
    pass: (ms) => {
      now += ms;
    },
  };
}

describe("the spare time of turns", () => {
  test("is a slice of a millisecond a turn, however much there is to do", async () => {
    const { spare, pass } = makeSpare();
    const done: number[] = [];
    const slices: number[] = [];
    const work = function* (): Generator<void> {
      for (let piece = 0; piece < 10; piece += 1) {
        pass(0.4);
        done.push(piece);
        yield;
      }
    };
    const spent = spare.do(work(), () => slices.push(done.length));
    expect(done).toEqual([]);
    for (let turn = 0; turn < 4; turn += 1) spare.turn();
    expect(slices).toEqual([3, 6, 9, 10]);
    expect(await spent).toBeCloseTo(4, 9);
  });

  test("asks for the next turn when somebody begins to wait, and says until when somebody does", async () => {
    let hurried = 0;
    const spare = new SpareTime({ monotonic: () => 0 }, () => {
      hurried += 1;
    });
    expect(spare.isBusy).toBe(false);
    const done = spare.do([undefined][Symbol.iterator](), () => {});
    expect(hurried).toBe(1);
    expect(spare.isBusy).toBe(true);
    spare.turn();
    await done;
    expect(spare.isBusy).toBe(false);
  });

  test("is more where turns come late, so that a busy machine still gets its scrapes, but never much", () => {
    const { spare, pass } = makeSpare();
    let done = 0;
    const work = function* (): Generator<void> {
      while (done < 1000) {
        pass(0.5);
        done += 1;
        yield;
      }
    };
    void spare.do(work(), () => {});
    const pieces: number[] = [];
    for (const gap of [0, 5, 15, 100]) {
      const before = done;
      pass(gap);
      spare.turn();
      pieces.push(done - before);
    }
    expect(pieces.map((count) => count * 0.5)).toEqual([1, 1.5, 3.5, 5]);
  });

  test("is not taken of a turn that was long already, unless too many of them follow each other", () => {
    const { spare, pass } = makeSpare();
    let done = 0;
    const work = function* (): Generator<void> {
      for (;;) {
        pass(1);
        done += 1;
        yield;
      }
    };
    void spare.do(work(), () => {});
    const pieces = (turns: number, tookMs: number): number => {
      const before = done;
      for (let turn = 0; turn < turns; turn += 1) spare.turn(tookMs);
      return done - before;
    };
    expect(pieces(50, 0.5)).toBe(50);
    expect(pieces(1, 4)).toBe(0);
    expect(pieces(1, 0.5)).toBe(1);
    // Ten are passed over, the eleventh is not.
    expect(pieces(11, 4)).toBe(1);
    // One that came late is not: a busy machine has long turns all the time.
    pass(50);
    expect(pieces(1, 4)).toBeGreaterThan(0);
    // Turns that all take as long are how long turns are.
    expect(pieces(200, 4)).toBeGreaterThan(150);
  });

  test("goes to those who wait in turns, so that a large work does not keep a small one waiting", async () => {
    const { spare, pass } = makeSpare();
    const endless = function* (): Generator<void> {
      for (;;) {
        pass(1);
        yield;
      }
    };
    const small = function* (): Generator<void> {
      pass(1);
      yield;
    };
    void spare.do(endless(), () => {});
    const answered = spare.do(small(), () => {});
    for (let turn = 0; turn < 4; turn += 1) spare.turn();
    expect(await answered).toBe(1);
  });

  test("is not said to be more than a slice may take where another process had the processor", async () => {
    const { spare, pass } = makeSpare();
    const work = function* (): Generator<void> {
      pass(80);
      yield;
    };
    const spent = spare.do(work(), () => {});
    spare.turn();
    spare.turn();
    expect(await spent).toBe(5);
  });

  test("is not lost with a work that throws", async () => {
    const { spare } = makeSpare();
    // biome-ignore lint/correctness/useYield: it throws before it has anything to yield
    const broken = function* (): Generator<void> {
      throw new Error("no such thing");
    };
    const failed = spare.do(broken(), () => {});
    const after = spare.do([][Symbol.iterator](), () => {});
    spare.turn();
    await expect(failed).rejects.toThrow("no such thing");
    spare.turn();
    expect(await after).toBe(0);
  });
});
