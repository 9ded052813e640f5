/** A packet that went to an endpoint, and what became of it. */
export interface Asked {
  /** When it was sent, milliseconds. */
  readonly at: number;
  readonly answered: boolean;
  /** The flow bucket that it was a probe of; −1 for a packet of a trace, which uses up answers but is not judged. */
  readonly bucket: number;
}

/** What a rate limit would have to be, and how much better it explains the answers than loss does. */
export interface RateLimitFit {
  /** Answers a second. */
  readonly perSecond: number;
  /** Log-likelihood of the answers under the limit less that under the best of loss by chance and loss by flow, nats. */
  readonly gain: number;
  /** Share of the probes that were lost. */
  readonly loss: number;
}

/** Fewer lost or answered probes show no pattern. */
const FEWEST_LOST = 8;
const FEWEST_ANSWERED = 6;
const FEWEST_FLOWS = 4;
/**
 * How exactly a limit is kept: alone with it, as usual, and where other clients use it too. The chance that a probe ends
 * otherwise than the limit says, and how many answers the tokens left may be wrong by.
 */
const EXACTNESS = [
  { surprise: 0.005, blur: 0.05 },
  { surprise: 0.03, blur: 0.1 },
  { surprise: 0.08, blur: 0.4 },
];
/** An endpoint that is asked too fast never saves up more than this. */
const SAVED_ANSWERS = 2;
/** Rates that are tried on either side of the one seen, and phases of a limit that counts anew each second. */
const RATES = 4;
const PHASES = 10;
const WINDOW_MS = 1000;
/** One second whose answers ran out may have been an outage. */
const FEWEST_WINDOWS = 3;
/** Chances of an answer where a flow is dead and where it is fine. */
const DEAD = 0.02;
const FINE = 0.995;

/**
 * Whether packets were answered as a rate limit answers them: whose turn it is decides, not which flow it is. Two kinds of
 * limit are tried: a bucket that gets a token at even times (nftables, iptables, most firewalls), and a count that begins
 * anew each second. Loss has two rivals: every probe is lost with the same chance, or flows are dead, fine or lossy.
 *
 * Of tokens only the last round is looked at. Rounds and a limit soon fall into step, so that it is the same flows that get
 * no answer in each; within a round a limit spaces the losses evenly, and dead flows lie anywhere.
 * @param asked in any order; all packets from the first that was lost on, up to where all outcomes are known
 * @param roundMs how long it takes to probe every flow once
 * @returns undefined where there is too little to tell
 */
export function fitRateLimit(asked: readonly Asked[], roundMs: number): RateLimitFit | undefined {
  const all = asked.toSorted((a, b) => a.at - b.at);
  const windows = fitWindows(all, roundMs);
  const tokens = fitTokens(all, roundMs);
  return (windows?.gain ?? 0) > (tokens?.gain ?? 0) ? windows : tokens;
}

/** What was sent from the first loss on; undefined where that is too little to show a pattern. */
function tellingPart(
  asked: readonly Asked[],
): { packets: readonly Asked[]; loss: number } | undefined {
  const first = asked.findIndex(({ answered, bucket }) => !answered && bucket >= 0);
  if (first < 0) return undefined;
  const packets = asked.slice(first);
  const probes = packets.filter(({ bucket }) => bucket >= 0);
  const lost = probes.filter(({ answered }) => !answered);
  const flows = new Set(lost.map(({ bucket }) => bucket));
  const enough = lost.length >= FEWEST_LOST && probes.length - lost.length >= FEWEST_ANSWERED;
  return enough && flows.size >= FEWEST_FLOWS
    ? { packets, loss: lost.length / probes.length }
    : undefined;
}

function fitTokens(asked: readonly Asked[], roundMs: number): RateLimitFit | undefined {
  const end = asked.at(-1)?.at ?? 0;
  const part = tellingPart(asked.filter(({ at }) => at > end - roundMs));
  const begin = part?.packets[0]?.at ?? end;
  if (part === undefined || end <= begin) return undefined;
  const { packets, loss } = part;
  const answers = packets.filter(({ answered }) => answered).length;
  const perMs = answers / (end - begin);
  let best = Number.NEGATIVE_INFINITY;
  let rate = perMs;
  for (let step = -RATES; step <= RATES; step += 1) {
    const tried = perMs * (1 + (1.5 * step) / (RATES * answers));
    for (const exactness of EXACTNESS) {
      const likelihood = byTokens(packets, tried, exactness);
      if (likelihood > best) [best, rate] = [likelihood, tried];
    }
  }
  const probes = packets.filter(({ bucket }) => bucket >= 0);
  const rivals = Math.max(byChance(loss, probes.length), byFlow(probes));
  const choices = Math.log((2 * RATES + 1) * EXACTNESS.length);
  return { perSecond: 1000 * rate, gain: best - choices - rivals, loss };
}

function byChance(loss: number, probes: number): number {
  return probes * (loss * Math.log(loss) + (1 - loss) * Math.log(1 - loss));
}

/** Flows that are dead, fine or lossy, each kind as frequent as it looks. */
function byFlow(probes: readonly Asked[]): number {
  const flows = new Map<number, { lost: number; answered: number }>();
  for (const { bucket, answered } of probes) {
    const counts = flows.get(bucket) ?? { lost: 0, answered: 0 };
    if (answered) counts.answered += 1;
    else counts.lost += 1;
    flows.set(bucket, counts);
  }
  const all = [...flows.values()];
  const share = (is: (counts: { lost: number; answered: number }) => boolean): number =>
    (all.filter(is).length + 0.5) / (all.length + 1.5);
  const dead = share(({ answered }) => answered === 0);
  const fine = share(({ lost }) => lost === 0);
  const lossy = share(({ lost, answered }) => lost > 0 && answered > 0);
  let sum = 0;
  for (const { lost, answered } of all) {
    const chance =
      dead * (1 - DEAD) ** lost * DEAD ** answered +
      fine * (1 - FINE) ** lost * FINE ** answered +
      lossy *
        Math.exp(lnFactorial(lost) + lnFactorial(answered) - lnFactorial(lost + answered + 1));
    sum += Math.log(chance);
  }
  return sum;
}

function lnFactorial(n: number): number {
  let sum = 0;
  for (let factor = 2; factor <= n; factor += 1) sum += Math.log(factor);
  return sum;
}

/** A bucket that gets `perMs` tokens; each answer takes one. What happens corrects what was thought to be left. */
function byTokens(
  asked: readonly Asked[],
  perMs: number,
  { surprise, blur }: (typeof EXACTNESS)[number],
): number {
  let tokens = 0.5;
  let before = asked[0]?.at ?? 0;
  let sum = 0;
  for (const { at, answered, bucket } of asked) {
    tokens = Math.min(SAVED_ANSWERS, tokens + (at - before) * perMs);
    before = at;
    if (bucket >= 0) {
      const chance = surprise + (1 - 2 * surprise) / (1 + Math.exp((1 - tokens) / blur));
      sum += Math.log(answered ? chance : 1 - chance);
    }
    tokens = answered ? Math.max(0, tokens - 1) : Math.min(tokens, 1);
  }
  return sum;
}

/**
 * So many answers in each second, whatever their number may be; the best of several phases. Several rounds are needed where
 * they are short, and dead flows fail in each of them alike: together they count as one.
 */
function fitWindows(asked: readonly Asked[], roundMs: number): RateLimitFit | undefined {
  const part = tellingPart(asked);
  if (part === undefined) return undefined;
  const { packets, loss } = part;
  let [best, perSecond, judged] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (let phase = 0; phase < PHASES; phase += 1) {
    const window = (at: number): number =>
      Math.floor((at + (phase * WINDOW_MS) / PHASES) / WINDOW_MS);
    const answers = new Map<number, number>();
    for (const { at, answered } of packets) {
      if (answered) answers.set(window(at), (answers.get(window(at)) ?? 0) + 1);
    }
    const allowed = Math.max(...answers.values());
    const used = new Map<number, number>();
    const full = new Set<number>();
    let said = 0;
    judged = 0;
    for (const { at, answered, bucket } of packets) {
      const spent = used.get(window(at)) ?? 0;
      if (bucket >= 0) judged += 1;
      if (bucket >= 0 && answered === spent < allowed) said += 1;
      if (answered) used.set(window(at), spent + 1);
      else if (spent >= allowed) full.add(window(at));
    }
    if (full.size < FEWEST_WINDOWS) continue;
    for (const { surprise } of EXACTNESS) {
      const sum = said * Math.log(1 - surprise) + (judged - said) * Math.log(surprise);
      if (sum > best) [best, perSecond] = [sum, allowed];
    }
  }
  const rounds = Math.max(1, ((packets.at(-1)?.at ?? 0) - (packets[0]?.at ?? 0)) / roundMs);
  const gain = (best - byChance(loss, judged)) / rounds - Math.log(PHASES * EXACTNESS.length);
  return { perSecond, gain, loss };
}
