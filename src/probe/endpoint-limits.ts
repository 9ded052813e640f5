import type { Outcome } from "./outcome.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { type Asked, fitRateLimit } from "./rate-limit-fit.ts";
import { SlowedPace } from "./slowed-pace.ts";
import { isRateLimited } from "./unreachable-pace.ts";

/** A rate limit must explain the answers better than loss does by so much, nats: three thousand times as well. */
const ENOUGH_GAIN = 8;
/** A limit lies below what is sent by at least so much, or nothing would be lost: what seems to be one is an outage that has ended. */
const BELOW_PACE = 0.95;
/** Packets that are remembered of a target, from the first that was lost on. */
const REMEMBERED = 256;
/** A probe sent so long after the flow's slot or later is a confirmation. */
const CONFIRMATION_AFTER_MS = 200;
/** It is looked again when so many more probes have ended. */
const NEWS = 8;
/** After so long without loss a target begins anew. */
const QUIET_MS = 60_000;
/** What is slowed down is asked half as fast as it answers: traces and others use the limit too. */
const SHARE = 0.5;
/** However low the limit, every flow is probed once in this time. */
const LONGEST_ROUND_MS = 300_000;
/** What was sent before the pace was slow, and just after it, does not count for or against the limit. */
const SETTLE_MS = 2000;
/** So many losses would be expected if the pace had changed nothing, before it is said what it changed. */
const EXPECTED_LOSSES = 5;
const FEWEST_PROBES = 16;
/** The limit is proven if less than this share of the loss is left. */
const LEFT = 0.4;
/** A pace that changed nothing is not tried again for so long. */
const NOT_AGAIN_MS = 600_000;

/**
 * Traces of a limited target go one flow at a time: each for as long as the limit takes for eight answers, of which it
 * uses about two, so that a quarter of the limit goes to traces.
 */
const ANSWERS_A_TRACE = 8;
const SHORTEST_TRACE_MS = 250;
const LONGEST_TRACE_MS = 10_000;
/** The next flow in order of buckets has this long to take its turn; then any may. */
const NEXT_TURN_MS = 100;
/** Where a slow pace is still too fast it becomes slower by this. */
const SLOWER = 1.5;

/** What is remembered of a target that loses probes. */
interface Watched {
  readonly asked: Asked[];
  /** Probes that have ended since the fit was tried last. */
  news: number;
  lostAt: number;
  /** The limit was tried and was none: not again before this. */
  notBefore: number;
  trial: Trial | undefined;
  /** Whose flow may be traced, and until when. */
  traced: { bucket: number; until: number };
}

/** A slow pace that shows whether there is a limit. */
interface Trial {
  readonly loss: number;
  readonly needed: number;
  probes: number;
  lost: number;
}

/**
 * Endpoints, and firewalls in front of them, that answer so many probes a second and no more, whichever flow they are of.
 * Which flows fail then says nothing of paths. A target whose answers come as a limit lets them is probed at half the
 * pace of the limit; if nothing is lost from then on it is proven, otherwise the target gets its own pace back. After
 * five minutes its own pace is tried again, later after up to half an hour.
 */
export class EndpointLimits {
  readonly #watched: Map<ProbedTarget, Watched> = new Map();
  readonly #slowed: SlowedPace<ProbedTarget> = new SlowedPace();
  readonly #onChange: (target: ProbedTarget) => void;

  /** @param onChange told of a target whose `rateLimit` has changed */
  constructor(onChange: (target: ProbedTarget) => void) {
    this.#onChange = onChange;
  }

  /** A probe of the flow ended. */
  ended(flow: ProbedFlow, outcome: Outcome, now: number): void {
    const { target } = flow;
    if (outcome.kind === "invalid") return;
    // Told of every answer, while hardly any target is watched.
    if (outcome.kind === "answered" && this.#watched.size === 0) return;
    // A limit may refuse what it does not drop, but a SYN-ACK that is repeated was sent.
    const lost = outcome.kind === "failed" && outcome.reason !== "unfinished";
    // Flows that fail are probed more often: what is lost beyond the slots says nothing of the rate.
    const inSlot = flow.sentAt - flow.slotAt < CONFIRMATION_AFTER_MS;
    let watched = this.#watched.get(target);
    if (watched === undefined) {
      if (!lost || isRateLimited(target.target)) return;
      watched = {
        asked: [],
        news: 0,
        lostAt: now,
        notBefore: now,
        trial: undefined,
        traced: { bucket: -1, until: now },
      };
      this.#watched.set(target, watched);
    }
    if (lost) watched.lostAt = now;
    else if (now - watched.lostAt > QUIET_MS && target.rateLimit === undefined) {
      this.#watched.delete(target);
      return;
    }
    if (watched.trial !== undefined) {
      if (flow.sentAt >= (target.rateLimit?.since ?? 0) + SETTLE_MS) {
        this.#judge(target, watched, watched.trial, lost, now);
      }
      return;
    }
    if (!inSlot) {
      if (!lost) remember(watched, { at: flow.sentAt, answered: true, bucket: -1 });
      return;
    }
    remember(watched, { at: flow.sentAt, answered: !lost, bucket: flow.bucket });
    watched.news += 1;
    if (lost && watched.news >= NEWS && now >= watched.notBefore) this.#fit(target, watched, now);
  }

  /** The endpoint answered a packet of a trace of the flow, which uses up the limit as well. */
  answeredTrace({ target, rttMs = 0 }: ProbedFlow, receivedAt: number): void {
    const watched = this.#watched.get(target);
    if (watched === undefined) return;
    remember(watched, { at: receivedAt - rttMs, answered: true, bucket: -1 });
  }

  /** Whether the flow may be traced now: traces would use up the answers to probes. */
  mayTrace({ bucket, target }: ProbedFlow, now: number): boolean {
    const { rateLimit } = target;
    if (rateLimit === undefined) return true;
    const watched = this.#watched.get(target);
    if (!rateLimit.proven || watched === undefined) return false;
    const { traced } = watched;
    if (now < traced.until) return bucket === traced.bucket;
    if (bucket <= traced.bucket && now < traced.until + NEXT_TURN_MS) return false;
    const needed = (1000 * ANSWERS_A_TRACE) / rateLimit.perSecond;
    traced.bucket = bucket;
    traced.until = now + Math.min(LONGEST_TRACE_MS, Math.max(SHORTEST_TRACE_MS, needed));
    return true;
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    this.#watched.delete(target);
    this.#slowed.forget(target);
  }

  /** Lets targets try their own pace again, where a while at the slow one has passed. */
  turn(now: number): void {
    for (const target of this.#slowed.takeDue(now)) this.#ownPace(target, now);
  }

  #fit(target: ProbedTarget, watched: Watched, now: number): void {
    watched.news = 0;
    const { timeoutMs, flowBuckets } = target.target;
    // Of what was sent later only the answers are known yet.
    const until = now - timeoutMs;
    const known = watched.asked.filter(({ at }) => at <= until);
    const fit = fitRateLimit(known, target.pacer.step * flowBuckets);
    if (fit === undefined || fit.gain < ENOUGH_GAIN) return;
    const before = target.pacer.step;
    if (fit.perSecond > (BELOW_PACE * 1000) / before) return;
    const slower = target.rateLimit === undefined ? 0 : SLOWER * before;
    const wanted = Math.max(1000 / (SHARE * fit.perSecond), slower);
    const step = Math.min(wanted, LONGEST_ROUND_MS / flowBuckets);
    if (step <= before) return;
    watched.asked.length = 0;
    const needed = Math.max(FEWEST_PROBES, Math.ceil(EXPECTED_LOSSES / fit.loss));
    watched.trial = { loss: fit.loss, needed, probes: 0, lost: 0 };
    target.pacer.setStep(step, now);
    this.#slowed.slow(target, now);
    target.rateLimit = { perSecond: fit.perSecond, since: now, proven: false };
    this.#onChange(target);
  }

  #judge(target: ProbedTarget, watched: Watched, trial: Trial, lost: boolean, now: number): void {
    trial.probes += 1;
    if (lost) trial.lost += 1;
    if (trial.probes < trial.needed) return;
    watched.trial = undefined;
    if (target.rateLimit !== undefined && trial.lost < LEFT * trial.loss * trial.probes) {
      target.rateLimit = { ...target.rateLimit, proven: true };
      this.#onChange(target);
      return;
    }
    watched.notBefore = now + NOT_AGAIN_MS;
    this.#slowed.forget(target);
    this.#ownPace(target, now);
  }

  #ownPace(target: ProbedTarget, now: number): void {
    target.pacer.restoreStep(now);
    target.rateLimit = undefined;
    const watched = this.#watched.get(target);
    if (watched !== undefined) watched.trial = undefined;
    this.#onChange(target);
  }
}

function remember({ asked }: Watched, packet: Asked): void {
  asked.push(packet);
  // Half at a time: one by one would move all of them with each probe.
  if (asked.length > REMEMBERED) asked.splice(0, REMEMBERED / 2);
}
