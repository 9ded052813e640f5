import type { Clock } from "../clock.ts";
import type { EngineObserver } from "../engine/engine-observer.ts";
import type { Log } from "../log.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";

/** An error that comes back is logged this often at most. */
const LOGGED_EVERY_MS = 60_000;

/** Counts the explanations that an error of the program has ended, and logs them with the place in the program, once a minute at most. */
export class ExplanationErrors implements EngineObserver {
  readonly #log: Log;
  readonly #clock: Clock;
  #loggedAt: number = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Since the start. */
  get count(): number {
    return this.#count;
  }

  onBrokenOff(target: ProbedTarget | undefined, error: unknown): void {
    this.#count++;
    const now = this.#clock.monotonic();
    if (now - this.#loggedAt < LOGGED_EVERY_MS) return;
    this.#loggedAt = now;
    this.#log.error(
      "an error of the exporter ended the search for what fails; please report it with these lines",
      {
        target: target?.target.name ?? "what all targets have in common",
        error: error instanceof Error ? (error.stack ?? String(error)) : String(error),
        errors: this.#count,
      },
    );
  }
}
