import * as cron from "node-cron";
import { type Clock, systemClock } from "../clock.ts";

/** The wall clock has been stepped where it goes apart from the monotonic one by more than this between two looks. */
const STEP_MS = 1000;
const LOOK_MS = 5000;
/** A run that is due within so long is the one of this moment. */
const THIS_RUN_MS = 500;

/** A job that runs until it is stopped. */
export interface Scheduled {
  /** Ends the job for good; a run in progress is left to finish. May be called again. */
  stop(): void;
  /** Milliseconds from now to the next run, that of this moment left out; infinity without one. */
  untilNext(): number;
}

/** node-cron reports missed and failed runs on the console, which is not ours to write on. */
const silent = { info() {}, warn() {}, error() {}, debug() {} };

/** Surfaces an error the way a timer's callback would: an exception in a job is a bug and must not vanish. */
function rethrow(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/**
 * Whether node-cron takes the expression: five fields, six with seconds first, or a nickname such as `@hourly`. Days that
 * never come (31 February) are refused.
 */
export function isSchedule(expression: string): boolean {
  return cron.validate(expression);
}

/**
 * Runs a job by the wall clock, on whole seconds of local time. For coarse work only: a run is skipped when the event loop
 * was held for more than a second at its time, and probes must be paced by a monotonic clock instead. Keeps no process alive.
 * A step of the wall clock is noticed within seconds; from then on the schedule goes by the new time.
 * @param onError receives what `run` throws
 * @throws where {@link isSchedule} says no
 */
export function schedule(
  expression: string,
  run: () => void,
  onError: (error: unknown) => void = rethrow,
  clock: Clock = systemClock,
): Scheduled {
  const guarded = (): void => {
    try {
      run();
    } catch (error) {
      onError(error);
    }
  };
  const begin = (): cron.ScheduledTask =>
    cron.schedule(expression, guarded, {
      noOverlap: true,
      unref: true,
      logger: silent,
      suppressMissedWarning: true,
    });
  let task = begin();
  // node-cron waits for the moment that it has chosen: after a step back of the clock it would wait as long as the step.
  const offset = (): number => clock.wall() - clock.monotonic();
  let before = offset();
  const watch = setInterval(() => {
    const stepped = Math.abs(offset() - before) > STEP_MS;
    before = offset();
    if (!stepped) return;
    void task.destroy();
    task = begin();
  }, LOOK_MS);
  watch.unref();
  return {
    untilNext() {
      const now = clock.wall();
      const waits = task.getNextRuns(2).map((at) => at.getTime() - now);
      return waits.find((wait) => wait > THIS_RUN_MS) ?? Number.POSITIVE_INFINITY;
    },
    stop() {
      clearInterval(watch);
      // A task that is only stopped stays in node-cron's own list for ever.
      void task.destroy();
    },
  };
}
