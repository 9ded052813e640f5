import type { SurveySharing } from "./survey-sharing.ts";
import type { Sweep } from "./sweep.ts";
import type { Trace } from "./trace.ts";

/** A survey that has waited for others for so long asks for itself. */
const LONGEST_WAIT_MS = 300_000;

/** Says which TTLs a survey need not ask, or not yet, because other flows tell who is there. */
export class SparedAsks {
  readonly #surveys: SurveySharing;

  constructor(surveys: SurveySharing) {
    this.#surveys = surveys;
  }

  /** Whether it does better to wait: others are asked on its behalf, or the hop before will tell what is there. */
  waits({ flow, startedAt }: Trace, sweep: Sweep, ttl: number, now: number): boolean {
    if (now - startedAt > LONGEST_WAIT_MS) return false;
    const before = sweep.before(ttl);
    if (this.#surveys.waits(flow, ttl, before)) return true;
    return before === null && sweep.isOpen(ttl - 1) && this.#surveys.branchesAt(ttl - 1);
  }

  /** What all flows share need not be asked of each. */
  give({ flow }: Trace, sweep: Sweep): void {
    for (const ttl of sweep.wanted()) {
      const before = sweep.before(ttl);
      const hop = this.#surveys.shared(flow, ttl, before);
      if (hop === undefined) continue;
      if (hop === flow.target.target.address.text) sweep.reached(ttl);
      else sweep.give(ttl, hop);
    }
  }
}
