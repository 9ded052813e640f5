/**
 * Time, handed down so that tests can own it. Inside the program a moment is a number of milliseconds (with fractions)
 * of the monotonic clock; wall-clock time exists only at the edges (logs, metrics, kernel timestamps).
 */
export interface Clock {
  /** Milliseconds since an arbitrary start, never going back; resolution about a microsecond. */
  monotonic(): number;
  /** Milliseconds since the Unix epoch; may be stepped by the administrator or NTP. */
  wall(): number;
}

/** The machine's clocks. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};
