import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TurnLoop } from "../../src/daemon/turn-loop.ts";

describe("the probing loop", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A loop whose turns ask for these pauses, one after the other, then for the last again. */
  function makeLoop(...pauses: number[]): {
    loop: TurnLoop;
    turns: [at: number, paused: number][];
  } {
    const began = Date.now();
    const turns: [number, number][] = [];
    const loop = new TurnLoop((paused) => {
      turns.push([Date.now() - began, paused]);
      return pauses[Math.min(turns.length, pauses.length) - 1] ?? 5;
    });
    return { loop, turns };
  }

  it("turns after the pause that the turn before asked for, and tells it", () => {
    const { loop, turns } = makeLoop(20, 5, 8);
    loop.start();
    vi.advanceTimersByTime(46);
    expect(turns).toEqual([
      [5, 5],
      [25, 20],
      [30, 5],
      [38, 8],
      [46, 8],
    ]);
    loop.stop();
  });

  it("cuts a long pause short when there is something to do, and only a long one", () => {
    const { loop, turns } = makeLoop(20, 5, 20);
    loop.start();
    vi.advanceTimersByTime(7);
    loop.hurry();
    loop.hurry();
    vi.advanceTimersByTime(7);
    loop.hurry();
    vi.advanceTimersByTime(3);
    expect(turns).toEqual([
      [5, 5],
      [12, 5],
      [17, 5],
    ]);
    loop.stop();
  });

  it("turns again at once where a turn asks for no pause, and lets others in between", () => {
    const { loop, turns } = makeLoop(0, 0, 20);
    const order: number[] = [];
    loop.start();
    vi.advanceTimersByTime(5);
    setImmediate(() => order.push(turns.length));
    vi.advanceTimersByTime(2);
    expect(turns.map(([, paused]) => paused)).toEqual([5, 0, 0]);
    expect(order).toHaveLength(1);
    loop.stop();
    vi.advanceTimersByTime(100);
    expect(turns).toHaveLength(3);
  });

  it("stays one loop when a turn itself asks for the next", () => {
    let turns = 0;
    const loop = new TurnLoop(() => {
      turns += 1;
      loop.hurry();
      return 20;
    });
    loop.start();
    vi.advanceTimersByTime(105);
    expect(turns).toBe(6);
    loop.stop();
  });

  it("does not turn once it was stopped, not even when it is stopped in a turn", () => {
    const { loop, turns } = makeLoop(5);
    loop.start();
    vi.advanceTimersByTime(10);
    loop.stop();
    loop.hurry();
    vi.advanceTimersByTime(100);
    expect(turns).toHaveLength(2);
    let stopped = 0;
    const other = new TurnLoop(() => {
      stopped += 1;
      other.stop();
      return 5;
    });
    other.start();
    vi.advanceTimersByTime(100);
    expect(stopped).toBe(1);
  });
});
