import type { EventLog } from "./event-log.ts";
import type { RecentCounts, RecentTrouble } from "./recent-trouble.ts";

/** How often it is looked, milliseconds. */
const LOOK_MS = 5000;

/** What each kind of trouble is called when it begins and when five minutes have passed without it. */
const WORDS: Readonly<Record<keyof RecentCounts, readonly [begins: string, over: string]>> = {
  probes_over_budget_recently: [
    "Probes are left out: limits.packets_per_second has no room for them.",
    "No probe was left out for five minutes.",
  ],
  probes_stalled_recently: [
    "Probes are not sent in time: this process does not get to run.",
    "Every probe was sent in time for five minutes.",
  ],
  receive_drops_recently: [
    "The kernel drops packets that are not read in time.",
    "The kernel dropped no packet for five minutes.",
  ],
};

/** Writes down when the exporter's own trouble begins and when it is over. */
export class ExporterTrouble {
  readonly #recent: Pick<RecentTrouble, "counts">;
  readonly #events: Pick<EventLog, "add">;
  readonly #troubled: Set<string> = new Set();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(recent: Pick<RecentTrouble, "counts">, events: Pick<EventLog, "add">) {
    this.#recent = recent;
    this.#events = events;
  }

  /** Call it with each turn of the loop. @param now milliseconds, monotonic */
  turn(now: number): void {
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const counts = this.#recent.counts();
    for (const [kind, [begins, over]] of Object.entries(WORDS)) {
      const troubled = counts[kind as keyof RecentCounts] > 0;
      if (troubled === this.#troubled.has(kind)) continue;
      if (troubled) this.#troubled.add(kind);
      else this.#troubled.delete(kind);
      this.#events.add("exporter", null, troubled ? begins : over);
    }
  }
}
