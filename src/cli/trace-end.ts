import type { TargetView } from "../view/target-view.ts";

/** Healthy flows that are surveyed: as many as a router that rations its answers tells of at once. */
export const SURVEYED = 6;
/** How long their paths are waited for once a round is over, milliseconds. */
const SURVEY_MS = 2000;
/** A flow that fails is probed this often before it is believed. */
const ROUNDS = 3;
/** Valid probes without which there is no verdict. */
const PROBES = 3;
/** Last hops that differ, and have not changed for this long, are believed, milliseconds. */
const STEADY_MS = 8000;
/** A trace is over after this time, or this many rounds, whichever is longer, whatever is still unknown. */
const LIMIT_MS = 20_000;
const LIMIT_ROUNDS = 4;

/** What a trace still waits for: first probes, the same failures again, the ends of failing flows, paths of healthy ones. */
export type TraceStage = "probing" | "confirming" | "tracing" | "surveying";

/** Decides when a trace has seen enough. */
export class TraceEnd {
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #ends = "";
  #changedAt = 0;

  /** Times are the target's, milliseconds. */
  constructor({ intervalMs, timeoutMs }: { intervalMs: number; timeoutMs: number }) {
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param view the target as it is now
   * @param at milliseconds since the trace began
   * @returns what is waited for; undefined once it is over
   */
  stage({ flows }: Pick<TargetView, "flows">, at: number): TraceStage | undefined {
    const round = this.#intervalMs + this.#timeoutMs;
    if (at >= Math.max(LIMIT_MS, LIMIT_ROUNDS * round)) return undefined;
    const probed = flows.filter(({ state }) => state !== "unknown");
    // A flow may never get a valid probe: its answers are rationed, or no port is free.
    if (probed.length < flows.length && at < 2 * round) return "probing";
    const failing = probed.filter(({ state }) => state === "failing");
    const rounds = failing.length > 0 ? ROUNDS : Math.ceil(PROBES / Math.max(1, flows.length));
    if (at < (rounds - 1) * this.#intervalMs + round) return "confirming";
    // A refusal comes from the target itself: there is nothing to trace.
    const cut = failing.filter(({ last_result }) => last_result !== "refused");
    if (!this.#endsAreKnown(cut, at)) return "tracing";
    const healthy = probed.filter(({ state }) => state === "up");
    const known = healthy.filter(({ path }) => path !== null).length;
    const enough = known >= Math.min(SURVEYED, healthy.length);
    return enough || at >= round + SURVEY_MS ? undefined : "surveying";
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
