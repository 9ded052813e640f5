import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { SweepAnswer } from "../probe/reply/match.ts";
import type { TokenBucket } from "../probe/token-bucket.ts";
import type { HopPacer } from "./hop-pacer.ts";
import { OutstandingProbes } from "./outstanding.ts";
import { spotOf } from "./paced-probe.ts";
import type { TracerOptions } from "./tracer-options.ts";

/** Who has not answered by then is told as silent, milliseconds. Sooner than of a sweep, so that little has changed meanwhile. */
export const ANSWERED_WITHIN_MS = 400;

/** Told who answered a packet; null for silence. */
export type AskTold = (responder: string | null) => void;

/**
 * TTL-limited packets that belong to no sweep, within the same budget. Their silences teach nothing of how fast hops may be asked: whoever
 * asks like this means to use a rate limit up.
 */
export class SingleAsks {
  readonly #options: TracerOptions;
  readonly #budget: TokenBucket;
  readonly #hops: Pick<HopPacer, "asked" | "answered">;
  readonly #outstanding: OutstandingProbes<AskTold> = new OutstandingProbes();

  /**
   * @param budget of all packets that trace
   * @param hops is told of what was asked and answered
   */
  constructor(
    options: TracerOptions,
    budget: TokenBucket,
    hops: Pick<HopPacer, "asked" | "answered">,
  ) {
    this.#options = options;
    this.#budget = budget;
    this.#hops = hops;
  }

  /** Sends one packet. @returns false where it could not be sent */
  ask(flow: ProbedFlow, ttl: number, now: number, told: AskTold): boolean {
    const { mayTrace = () => true, send, pathOf, observer } = this.#options;
    if (!mayTrace(flow) || !this.#budget.take(now)) return false;
    const packet = send(flow, ttl);
    if (packet === undefined) return false;
    const path = pathOf(flow);
    const before = ttl === 1 ? "source" : (path?.[ttl - 2] ?? null);
    const paced = this.#hops.asked(spotOf(ttl, before, path?.[ttl - 1]), now, true);
    this.#outstanding.add({
      owner: told,
      flow,
      ttl,
      packet,
      paced,
      answered: false,
      expired: false,
    });
    observer.onTracePacket(flow, "survey");
    return true;
  }

  /** Takes an answer. @returns the TTL of the packet that it answers; undefined where that is none of these */
  answer(flow: ProbedFlow, answer: SweepAnswer): number | undefined {
    const probe = this.#outstanding.find(flow, answer);
    if (probe?.paced === undefined) return undefined;
    probe.answered = true;
    const responder = answer.responder.text;
    const isFree = answer.kind === "destination" && !answer.rateLimited;
    this.#hops.answered(probe.paced, responder, isFree);
    if (!probe.expired) probe.owner(responder);
    return probe.ttl;
  }

  /** Tells silences. */
  turn(now: number): void {
    this.#outstanding.expire(now, ANSWERED_WITHIN_MS, (probe) => probe.owner(null));
  }
}
