/** What a packet asks: a TTL behind a hop or to a destination, and the hop itself where the flow was seen to meet it there. */
export interface Spot {
  readonly ttl: number;
  readonly place: string;
  readonly expected: string | null;
  readonly destination: string | null;
}

/** One packet as the pacer needs to remember it. */
export interface PacedProbe extends Spot {
  readonly sentAt: number;
  /** Its sender can wait: silence counts only where no hop at its TTL had just answered. */
  readonly patient: boolean;
  /** No rate limit explains its silence if the place had only one. */
  readonly sure: boolean;
}
