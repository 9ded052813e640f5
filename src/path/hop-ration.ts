/**
 * Spacing that a stock Linux router answers all of: it sends one ICMP error a second to each asker. Of ICMPv6 errors it
 * sends as many where its route to the asker is a single address, two to sixteen times as many where it is a prefix
 * (net.ipv6.icmp.ratelimit, halved for every 32 bits that the prefix leaves open), and newer kernels ten times as many.
 */
export const RATION_MS = 1100;
/** Errors that a stock Linux router sends at once before it rations (XRLIM_BURST_FACTOR). */
const BURST = 6;

/** A hop as an answerer. */
export interface Hop {
  /** When it was last asked for certain. */
  askedAt: number;
  /** When it may last have been asked: a packet went to a place where others answer too. */
  touchedAt: number;
  /** When silence last looked like a ration. */
  rationedAt: number;
  /** What is left of a stock Linux router's burst, as of `creditAt`. */
  credit: number;
  creditAt: number;
  /** Sending times of the packets it answered last. */
  readonly grants: number[];
}

/** A place that is asked: a TTL behind a hop, with the hops that answered there. */
export interface Place {
  readonly hops: Map<string, Hop>;
  /** How many rations the place seems to have: one a hop, fewer where several hops are addresses of one router. */
  limiters: number;
  /** Stands for the place as a whole. */
  readonly self: Hop;
}

/** A hop that nobody has asked yet. */
export function newHop(): Hop {
  const never = Number.NEGATIVE_INFINITY;
  const times = { askedAt: never, touchedAt: never, rationedAt: never };
  return { ...times, credit: BURST, creditAt: 0, grants: [] };
}

/** A place that nobody has asked yet. */
export function newPlace(): Place {
  return { hops: new Map(), limiters: 1, self: newHop() };
}

/** Answers that a hop has to give now if it is a stock Linux router. */
export function creditOf(hop: Hop, now: number): number {
  return earned(hop, now, 1);
}

/** Answers that a place has to give now, all its routers together. */
export function placeCredit({ self, limiters }: Place, now: number): number {
  return earned(self, now, limiters);
}

/** A hop gave an answer. */
export function spend(hop: Hop, now: number): void {
  hop.credit = Math.max(0, creditOf(hop, now) - 1);
  hop.creditAt = now;
}

function earned({ credit, creditAt }: Hop, now: number, limiters: number): number {
  const since = Math.max(0, now - creditAt) / RATION_MS;
  return Math.min(BURST * Math.max(1, limiters), credit + since * limiters);
}
