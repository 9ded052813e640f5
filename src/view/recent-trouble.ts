import type { EngineCounters } from "../probe/engine-counters.ts";

/** How far back trouble is told, and in what steps it is forgotten, milliseconds. */
const WINDOW_MS = 300_000;
const STEP_MS = 30_000;

/** What the exporter had to leave out or throw away, as the API shows it. */
export interface RecentCounts {
  /** Probes that the packet budget left no room for, in the last five minutes. */
  readonly probes_over_budget_recently: number;
  /** Probes that were not sent because this process had not run in time, in the last five minutes. */
  readonly probes_stalled_recently: number;
  /** Packets that the kernel dropped because they were not read in time, in the last five minutes. */
  readonly receive_drops_recently: number;
}

interface Numbers {
  readonly budget: number;
  readonly stalls: number;
  readonly drops: number;
}

type Counters = Pick<EngineCounters, "skipped" | "receiveDrops">;

/** Tells how much trouble there was lately, from counters that only ever grow. */
export class RecentTrouble {
  readonly #counters: Counters;
  /** What the counters were, the oldest first; the last step of the window is the oldest. */
  readonly #before: ({ at: number } & Numbers)[] = [];

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Keeps the counters every half minute. Call it with each turn of the loop. @param now milliseconds, monotonic */
  turn(now: number): void {
    const last = this.#before.at(-1);
    if (last !== undefined && now - last.at < STEP_MS) return;
    this.#before.push({ at: now, ...this.#now() });
    while ((this.#before[0]?.at ?? now) < now - WINDOW_MS) this.#before.shift();
  }

  /** What came in the window. */
  counts(): RecentCounts {
    const now = this.#now();
    const [oldest = now] = this.#before;
    return {
      probes_over_budget_recently: now.budget - oldest.budget,
      probes_stalled_recently: now.stalls - oldest.stalls,
      receive_drops_recently: now.drops - oldest.drops,
    };
  }

  /** A probe still in flight or a bucket without a free port is no sign of overload. */
  #now(): Numbers {
    const { skipped, receiveDrops } = this.#counters;
    return {
      budget: skipped.get("budget") ?? 0,
      stalls: skipped.get("stall") ?? 0,
      drops: receiveDrops,
    };
  }
}
