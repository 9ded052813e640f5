import * as cron from "node-cron";

/** A job that runs until it is stopped. */
export interface Scheduled {
  /** Ends the job for good; a run in progress is left to finish. May be called again. */
  stop(): void;
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
 * @param onError receives what `run` throws
 * @throws where {@link isSchedule} says no
 */
export function schedule(
  expression: string,
  run: () => void,
  onError: (error: unknown) => void = rethrow,
): Scheduled {
  const guarded = (): void => {
    try {
      run();
    } catch (error) {
      onError(error);
    }
  };
  const task = cron.schedule(expression, guarded, {
    noOverlap: true,
    unref: true,
    logger: silent,
    suppressMissedWarning: true,
  });
  // A task that is only stopped stays in node-cron's own list for ever.
  return { stop: () => void task.destroy() };
}
