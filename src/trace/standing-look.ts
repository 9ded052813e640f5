import type { HopPacer } from "./hop-pacer.ts";
import type { OutstandingProbes } from "./outstanding.ts";
import type { RefusedSpot } from "./refused-look.ts";
import type { SparedAsks } from "./spared-asks.ts";
import type { SurveySharing } from "./survey-sharing.ts";
import type { SurveysUnderWay } from "./surveys-under-way.ts";
import type { Trace } from "./trace.ts";

/** What it is told by. */
export interface StandingLookOptions {
  readonly surveys: SurveysUnderWay;
  readonly spared: Pick<SparedAsks, "isRefused">;
  readonly outstanding: Pick<OutstandingProbes<Trace>, "changes">;
  readonly sharing: Pick<SurveySharing, "changes">;
  readonly hops: Pick<HopPacer, "spare">;
}

/**
 * A look at all surveys under way that found none that may ask anything. With many targets behind a router that answers once a second most
 * looks are such: until something has changed for any of them, or one of the spots that they were refused may be asked, the next need not be taken.
 */
export class StandingLook {
  readonly #options: StandingLookOptions;
  /** What had changed by then, see {@link StandingLook.#changes}; undefined where the look does not stand. */
  #at: number | undefined;
  /** When one of them is to be looked at anew in any case. */
  #until = 0;
  /** What they were refused, each spot once. */
  #spots: readonly RefusedSpot[] = [];

  constructor(options: StandingLookOptions) {
    this.#options = options;
  }

  /** Whether another look now would find the same. */
  stands(now: number): boolean {
    if (this.#at !== this.#changes() || now >= this.#until) return false;
    const { hops } = this.#options;
    return !this.#spots.some(({ spot, again }) => hops.spare(spot, now, again));
  }

  /** All surveys have been looked at. */
  looked(now: number): void {
    const { surveys, spared } = this.#options;
    const spots = new Map<string, RefusedSpot>();
    this.#at = undefined;
    this.#until = Number.POSITIVE_INFINITY;
    for (const trace of surveys.values()) {
      if (trace.isOver) return;
      if (now < trace.waitsUntil) {
        this.#until = Math.min(this.#until, trace.waitsUntil);
        continue;
      }
      if (!spared.isRefused(trace, now)) return;
      this.#until = Math.min(this.#until, trace.refused?.until ?? now);
      for (const refused of trace.refused?.spots ?? []) {
        spots.set(`${refused.spot.key} ${refused.again}`, refused);
      }
    }
    this.#spots = [...spots.values()];
    this.#at = this.#changes();
  }

  /** Another number whenever a survey has begun or ended, was answered or met silence, or others tell it something else. */
  #changes(): number {
    const { surveys, outstanding, sharing } = this.#options;
    return surveys.changes + outstanding.changes + sharing.changes();
  }
}
