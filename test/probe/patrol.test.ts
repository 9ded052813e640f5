import { describe, expect, test } from "vitest";
import { Patrol } from "../../src/probe/patrol.ts";
import type { ProbedTarget } from "../../src/probe/probed-flow.ts";

/** So many targets, each sent a probe every `step` ms. */
function patrolOf(count: number, step: number): Patrol {
  const targets = Array.from({ length: count }, (_, at) => ({ pacer: { step }, at }));
  return new Patrol({
    targets: () => (targets as unknown as ProbedTarget[]).values() as MapIterator<ProbedTarget>,
  });
}

/** Who is looked at from a moment on. */
function lookedAt(patrol: Patrol, now: number, found = false): number[] {
  return [...patrol.due(now, found)].map(({ target }) => (target as unknown as { at: number }).at);
}

describe("the patrol", () => {
  test("looks at everybody every six seconds where few probes are sent", () => {
    const patrol = patrolOf(3, 156);
    expect(lookedAt(patrol, 0)).toEqual([0, 1, 2]);
    expect(lookedAt(patrol, 5999)).toEqual([]);
    expect(lookedAt(patrol, 6000)).toEqual([0, 1, 2]);
  });

  test("goes through many targets in turn", () => {
    const patrol = patrolOf(1000, 156);
    const rounds = Array.from({ length: 25 }, (_, round) => lookedAt(patrol, round * 6000));
    expect(rounds[0]).toEqual(Array.from({ length: 40 }, (_, at) => at));
    expect(rounds.flat()).toEqual(Array.from({ length: 1000 }, (_, at) => at));
    expect(lookedAt(patrol, 25 * 6000)[0]).toBe(0);
  });

  test("looks at 256 targets at once while there is something to be found", () => {
    const patrol = patrolOf(300, 156);
    expect(lookedAt(patrol, 0, true).length).toBe(256);
    expect(lookedAt(patrol, 6000, true)[0]).toBe(256);
  });

  test("looks until a few probes have been sent, for a minute at most", () => {
    const forMs = (step: number) => [...patrolOf(1, step).due(0, false)][0]?.forMs;
    expect(forMs(156)).toBe(2000);
    expect(forMs(5000)).toBe(20_000);
    expect(forMs(60_000)).toBe(60_000);
  });
});
