import type { TargetView } from "../view/target-view.ts";

/** Healthy flows that are surveyed: as many as a router that rate-limits its answers tells of at once. */
export const SURVEYED = 6;
/** How long their paths are waited for once a round is over, milliseconds. */
const SURVEY_MS = 2000;
/** A flow that fails is probed this often before it is believed. */
const CONFIRMED = 3;
/** Valid probes without which there is no verdict. */
const PROBES = 3;
/** Last hops that differ, and have not changed for this long, are believed, milliseconds. */
const STEADY_MS = 6000;
/** A trace is over this long after its rounds, or at this time, whichever is later, whatever is still unknown, milliseconds. */
const TRACING_MS = 5000;
const LIMIT_MS = 13_000;

/** What a trace still waits for: first probes, the same failures again, the ends of failing flows, paths of healthy ones. */
export type TraceStage = "probing" | "confirming" | "tracing" | "surveying";

/** What is waited for, and for how long at most, milliseconds. */
export interface TraceWait {
  readonly stage: TraceStage;
  readonly leftMs: number;
}

/** Decides when a trace has seen enough. */
export class TraceEnd {
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #rounds: number;
  #ends = "";
  #changedAt = 0;

  /** Times are the target's, milliseconds. @param target.rounds every flow is probed at least this often */
  constructor(target: { intervalMs: number; timeoutMs: number; rounds: number }) {
    this.#intervalMs = target.intervalMs;
    this.#timeoutMs = target.timeoutMs;
    this.#rounds = target.rounds;
  }

  /**
   * @param view the target as it is now
   * @param at milliseconds since the trace began
   * @returns what is waited for; undefined once it is over
   */
  wait({ flows }: Pick<TargetView, "flows">, at: number): TraceWait | undefined {
    const round = this.#intervalMs + this.#timeoutMs;
    const probed = flows.filter(({ state }) => state !== "unknown");
    const failing = probed.filter(({ state }) => state === "failing");
    const needed = failing.length > 0 ? CONFIRMED : Math.ceil(PROBES / Math.max(1, flows.length));
    const confirmed = (Math.max(this.#rounds, needed) - 1) * this.#intervalMs + round;
    const limit = Math.max(LIMIT_MS, confirmed + TRACING_MS);
    const until = (stage: TraceStage, end: number): TraceWait => ({ stage, leftMs: end - at });
    if (at >= limit) return undefined;
    // A flow may never get a valid probe: its answers are rate-limited, or no port is free.
    const first = Math.max(2 * round, confirmed);
    if (probed.length < flows.length && at < 2 * round) return until("probing", first);
    if (at < confirmed) return until("confirming", confirmed);
    // A refusal comes from the target itself: there is nothing to trace.
    const cut = failing.filter(({ last_result }) => last_result !== "refused");
    if (!this.#endsAreKnown(cut, at)) return until("tracing", limit);
    const healthy = probed.filter(({ state }) => state === "up");
    const known = healthy.filter(({ path }) => path !== null).length;
    // A few paths will do; without any there is nothing to hold a failing flow against.
    const surveyed = known === 0 && failing.length > 0 ? limit : round + SURVEY_MS;
    if (known >= Math.min(SURVEYED, healthy.length) || at >= surveyed) return undefined;
    return until("surveying", surveyed);
  }

  /** Whether all of them were swept, and either agree where they end or have said the same for a while. */
  #endsAreKnown(cut: TargetView["flows"], at: number): boolean {
    const ends = cut.map(({ source_port, seen, last_hop }) =>
      seen === undefined ? "" : `${source_port} ${last_hop}`,
    );
    const now = ends.join();
    if (now !== this.#ends) {
      this.#ends = now;
      this.#changedAt = at;
    }
    if (ends.includes("")) return false;
    const hops = new Set(cut.map(({ last_hop }) => last_hop));
    return hops.size <= 1 || at - this.#changedAt >= STEADY_MS;
  }
}
