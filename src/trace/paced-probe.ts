/** What a packet asks: a TTL behind a hop or to a destination, and the hop itself where the flow was seen to meet it there. */
export interface Spot {
  readonly ttl: number;
  readonly place: string;
  /** The same for two spots that ask the same. */
  readonly key: string;
  /** The hop before; null where it is not known. */
  readonly before: string | null;
  readonly expected: string | null;
  readonly destination: string | null;
}

/**
 * What a packet with this TTL asks. A place is named by the hop before it where that is known, so that flows of all
 * targets that may meet the same router share its rate limit.
 * @param expected the hop itself, where the flow was seen to meet it there
 * @param destination of the flow, where it may answer by itself: then it is no place of other targets
 */
export function spotOf(
  ttl: number,
  before: string | null,
  expected: string | null = null,
  destination: string | null = null,
): Spot {
  const whose = destination === null ? `behind ${before ?? "?"}` : `to ${destination}`;
  const place = `${ttl} ${whose}`;
  const key = expected === null ? place : `${place} ${expected}`;
  return { ttl, place, key, before, expected, destination };
}

/** One packet as the pacer needs to remember it. */
export interface PacedProbe extends Spot {
  readonly sentAt: number;
  /** Its sender can wait: silence counts only where no hop at its TTL had just answered. */
  readonly patient: boolean;
  /** No rate limit explains its silence if the place had only one. */
  readonly sure: boolean;
}
