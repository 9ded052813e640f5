import { ICMP_LIMIT_MS } from "../probe/unreachable-pace.ts";

/** Errors that a stock Linux router sends at once before it limits them (XRLIM_BURST_FACTOR). */
const BURST = 6;

/** What surveys leave of a burst to failing flows. */
const RESERVE = 2;

/** When nobody has answered the first few packets to a place by then, nobody answers there. */
const NOBODY_MS = 1000;

/** What an answer adds to a place's pace: one that a single rate limit would not have given, and any other. */
const PROVEN = 0.2;
const A_TRY = 0.03;
/**
 * The same until the first silence that a rate limit explains: the former stands for a rate limit more then, and for what that leaves
 * surveys of its burst.
 */
const AT_FIRST = { proven: 1, aTry: 0.1 };
/** What a silence that a rate limit explains takes off the pace, in a place whose hops all answer: one rate limit. */
const LOST = 1;
/**
 * The same for a packet that was sent before the pace was lowered last: of many at a time that stay without answer each says much the
 * same. Chosen on drawn places of 1 to 16 routers (2026-11): with 1 in place of it, one place in twenty of 8 fell back to one answer a second.
 */
const LOST_AGAIN = 0.3;
/** How much an answer makes up for silences of hops that never answer, as a logarithm. */
const STEP = 0.35;
/**
 * A place of several routers is asked by this much more than they all answer together: flows meet them by chance, so that
 * now and then one is asked twice while another has answers to spare.
 */
const PRESSED = 1.2;

/** A hop that answered this recently is alive: silence then is more likely a rate limit than a fault. */
const ALIVE_MS = 5000;
/** A living hop is asked slowly for this long after the last sign of a rate limit. */
const RATE_LIMITED_FOR_MS = 60_000;
/** After so many packets of failing flows that kept a survey waiting it is the survey's turn; surveys ask again within this time. */
const TURNS = 2;
const DENIED_MS = 200;
/** Only where they have been kept waiting for so long: mostly the sweeps of failing flows are through by then. */
const STARVED_MS = 15_000;

/** A hop as an answerer. */
export interface Hop {
  /** When it was last asked for certain. */
  askedAt: number;
  /** When it may last have been asked: a packet went to a place where others answer too. */
  touchedAt: number;
  /** When a failing flow last had something to ask it. */
  wantedAt: number;
  /** When a survey last found it free but asked just before; minus infinity since one had its turn. */
  awaitedAt: number;
  /** When a survey was last refused because failing flows had something to ask, and the first of these times without another between them. */
  deniedAt: number;
  deniedSince: number;
  /** Packets of failing flows since then that somebody most likely got, and no survey's between them. */
  urgent: number;
  /** When silence last looked like a rate limit. */
  rateLimitedAt: number;
  /** What is left of a stock Linux router's burst, as of `creditAt`. */
  credit: number;
  creditAt: number;
  /** It answers by something that nobody rate limits, such as a SYN-ACK: the destination, as a rule. */
  free: boolean;
  /** Sending times of the packets it answered last. */
  readonly grants: number[];
}

/** A place that is asked: a TTL behind a hop, with the hops that answered there. */
export interface Place {
  readonly hops: Map<string, Hop>;
  /** How many rate-limits the place seems to have: one a hop, fewer where several hops are addresses of one router. */
  limiters: number;
  /** How many rate limits surveys make use of: what was answered proves, and a little more to find out. At least 1. */
  pace: number;
  /** Stands for the place as a whole, and spends what surveys leave. */
  readonly self: Hop;
  /** The place as if it had one rate limit: while something of that is left, no rate limit explains a silence. */
  readonly one: Hop;
  /** A silence has shown a rate limit. */
  isLimited: boolean;
  /** When the pace was lowered last: packets sent before that went out at the pace of then. */
  loweredAt: number;
  /** Packets whose silence no rate limit explains, and those of them that nobody answered. */
  sure: number;
  mute: number;
}

/** A hop that nobody has asked yet. */
export function newHop(): Hop {
  const never = Number.NEGATIVE_INFINITY;
  const times = { askedAt: never, touchedAt: never, wantedAt: never };
  const waits = {
    awaitedAt: never,
    deniedAt: never,
    deniedSince: never,
    urgent: 0,
    rateLimitedAt: never,
  };
  return { ...times, ...waits, credit: BURST, creditAt: 0, free: false, grants: [] };
}

/** A place that nobody has asked yet. */
export function newPlace(): Place {
  const limits = {
    limiters: 1,
    pace: 1,
    isLimited: false,
    loweredAt: Number.NEGATIVE_INFINITY,
    sure: 0,
    mute: 0,
  };
  return { hops: new Map(), ...limits, self: newHop(), one: newHop() };
}

/** Answers that a hop has to give now if it is a stock Linux router. */
export function creditOf(hop: Hop, now: number): number {
  return earned(hop, now, 1);
}

/** Answers that surveys may count on at a place now, all its routers together. */
export function placeCredit({ self, pace }: Place, now: number): number {
  return earned(self, now, pace);
}

/** A place answered a packet. @param sure no rate limit would have explained its silence, see {@link Place.one} */
export function paceUp(place: Place, sure: boolean): void {
  const { pace, isLimited, self } = place;
  const { proven, aTry } = isLimited ? { proven: PROVEN, aTry: A_TRY } : AT_FIRST;
  const next = sure ? pace + aTry : pace * Math.exp(STEP * muteShare(place)) + proven;
  const { size } = place.hops;
  place.pace = Math.min(size > 1 ? size * PRESSED : 1, next);
  if (!sure && !isLimited) self.credit += (BURST - RESERVE) * Math.max(0, place.pace - pace);
  if (sure) place.sure += 1;
}

/** A place did not answer a packet of a time. @param sure no rate limit explains that */
export function paceDown(place: Place, sentAt: number, sure: boolean, now: number): void {
  if (sure) {
    place.sure += 1;
    place.mute += 1;
    return;
  }
  place.isLimited = true;
  const share = muteShare(place);
  const used = 1 - Math.min(1, 2 * share);
  place.self.credit = placeCredit(place, now) * (1 - used / place.pace);
  const lost = sentAt < place.loweredAt ? LOST_AGAIN : LOST;
  if (lost === LOST) place.loweredAt = now;
  place.pace = Math.max(1, place.pace - lost * (1 - share));
  place.self.creditAt = now;
}

/**
 * The share of packets to a place that stay without answer whatever the pace, because one of its hops never answers.
 * Such silences and the answers between them leave the pace as it is. A few silences are taken for chance.
 */
function muteShare({ sure, mute }: Place): number {
  return (mute + 0.25) / (sure + 4);
}

/** A hop gave an answer. */
export function spend(hop: Hop, now: number): void {
  hop.credit = Math.max(0, creditOf(hop, now) - 1);
  hop.creditAt = now;
}

function earned({ credit, creditAt }: Hop, now: number, limiters: number): number {
  const since = Math.max(0, now - creditAt) / ICMP_LIMIT_MS;
  return Math.min(BURST * Math.max(1, limiters), credit + since * limiters);
}

/** Whether the place answers so much less than its hops would one by one that they are taken for one router's addresses. */
export function isOneRouter({ hops, limiters }: Place): boolean {
  return hops.size > 1 && limiters <= hops.size / 2;
}

/** Whether the hop answered another packet so shortly before that its rate limit may have been used up. */
export function answeredJustBefore({ free, grants }: Hop, sentAt: number): boolean {
  return !free && grants.some((at) => at <= sentAt && sentAt - at < ICMP_LIMIT_MS);
}

/** Whether these are hops, and all of them answer by something that nobody rate limits. */
export function isFree(hops: readonly Hop[]): boolean {
  return hops.length > 0 && hops.every(({ free }) => free);
}

/**
 * Whether a place has an answer to give that no failing flow may need.
 * @param asked those of its hops that may be met
 * @param isTheirTurn whether failing flows wait meanwhile, so that nothing is left to them
 */
export function canSpare(
  place: Place,
  asked: readonly Hop[],
  isTheirTurn: boolean,
  now: number,
): boolean {
  const { hops, self } = place;
  // A first few packets tell whether anybody answers.
  if (hops.size === 0) return self.credit >= 1 || now - self.creditAt > NOBODY_MS;
  if (isFree(asked)) return true;
  const reserve = isTheirTurn ? 1 : RESERVE;
  const [only] = asked;
  if (asked.length === 1 && only !== undefined && creditOf(only, now) < reserve) return false;
  return placeCredit(place, now) >= reserve;
}

/** A survey was refused, or had to wait for its turn, because failing flows had something to ask. */
export function deny({ self }: Place, now: number): void {
  if (now - self.deniedAt >= DENIED_MS) self.deniedSince = now;
  self.deniedAt = now;
}

/** Whether failing flows have kept surveys from a place for long enough: of what it answers a part goes to flows that work. */
export function isSurveysTurn({ self }: Place, now: number): boolean {
  const isDenied = now - self.deniedAt < DENIED_MS && now - self.deniedSince >= STARVED_MS;
  return isDenied && self.urgent >= TURNS;
}

/**
 * How long a hop is left alone between two packets of failing flows. A place that no longer answers anybody is not rate-limiting: it is asked
 * at full pace, to be done with it.
 * @param asked the hops that may be met
 * @param state the one of them, or the place where they are several
 * @param least at any rate
 */
export function spacing(asked: readonly Hop[], state: Hop, least: number, now: number): number {
  if (now - state.rateLimitedAt >= RATE_LIMITED_FOR_MS) return least;
  const alive = asked.some(({ grants }) => now - (grants.at(-1) ?? -Infinity) < ALIVE_MS);
  return alive ? Math.max(least, ICMP_LIMIT_MS) : least;
}
