import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { Topology } from "./topology.ts";
import type { TraceResult } from "./trace.ts";
import { Witnesses } from "./witnesses.ts";

/** Surveys under way at once, of one target and of all: enough to keep every hop busy at the pace it answers. */
const SURVEYS_A_TARGET = 24;
const SURVEYS = 96;
/** Sweeps that go first in a round. */
const SCOUTS = 2;
/** New sweeps are begun this often. */
const TURN_MS = 100;
/**
 * A TTL at which this many flows met the same hop, and none another, is not asked again in this round: a second next
 * hop, equally likely, would have been missed with a chance of 2^-15. They are the first that are begun, not the first
 * that are done: ways with silent hops take longer.
 */
const SHARED_AFTER = 16;
/** A flow whose survey did not reach the destination, or left a doubtful gap, is tried this often in a round. */
const TRIES = 3;

/** What one round of surveys of a target has found so far. */
interface Round {
  readonly waiting: ProbedFlow[];
  readonly running: Set<ProbedFlow>;
  readonly tries: Map<ProbedFlow, number>;
  /** How many flows of the sample were begun, and those of them that are not done. */
  sampled: number;
  readonly sample: Set<ProbedFlow>;
  /** By TTL, and by place: the hops that flows were asked and found to meet, null for silence, and those flows. */
  readonly met: Map<string, Map<string | null, Set<ProbedFlow>>>;
  /** A flow failed: what the others share need not be what it will meet when it works again. */
  partial: boolean;
  /** Places where somebody answered, or nobody did after all tries. */
  readonly judged: Set<string>;
  readonly witnesses: Witnesses;
}

function newRound(waiting: ProbedFlow[], running: Set<ProbedFlow> = new Set()): Round {
  return {
    waiting,
    running,
    tries: new Map(),
    sampled: 0,
    sample: new Set(),
    met: new Map(),
    partial: false,
    judged: new Set(),
    witnesses: new Witnesses(),
  };
}

/** How surveys are begun. */
export interface SurveyorOptions {
  /** Begins the sweep of a flow. @returns false where it is being swept already */
  readonly begin: (flow: ProbedFlow, now: number) => boolean;
  readonly topology: (target: ProbedTarget) => Topology;
}

/**
 * Learns the paths of healthy flows beforehand: rounds of sweeps, merged over the flows of a target, so that hops that
 * all flows share are not asked by each. Each round asks anew, so that a change in the network is seen.
 */
export class Surveyor {
  readonly #options: SurveyorOptions;
  readonly #rounds: Map<ProbedTarget, Round> = new Map();
  /** Where the next round begins, so that other flows are the sixteen that are asked everything. */
  #offset = 0;
  #turnedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SurveyorOptions) {
    this.#options = options;
  }

  /** Begins a round for a target: every flow that is up, those without a known path first. */
  start(target: ProbedTarget): void {
    const topology = this.#options.topology(target);
    const flows = target.flows.filter((flow) => flow !== undefined);
    this.#offset += SHARED_AFTER;
    const turned = flows.map((_, at) => flows[(at + this.#offset) % flows.length] as ProbedFlow);
    const known = (flow: ProbedFlow): number => (topology.of(flow) === undefined ? 0 : 1);
    const running = this.#rounds.get(target)?.running ?? new Set();
    const waiting = turned.sort((a, b) => known(a) - known(b));
    this.#rounds.set(target, newRound(waiting, running));
  }

  /** A flow whose path is not known, or no longer to be relied on, joins the round of its target. */
  want(flow: ProbedFlow): void {
    const { target } = flow;
    let round = this.#rounds.get(target);
    if (round === undefined) {
      round = newRound([]);
      this.#rounds.set(target, round);
    }
    if (!round.waiting.includes(flow) && !round.running.has(flow)) round.waiting.push(flow);
  }

  /** Sweeps under way have been given up: their flows wait for their turn again. */
  restart(): void {
    for (const { waiting, running } of this.#rounds.values()) {
      waiting.push(...running);
      running.clear();
    }
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    this.#rounds.delete(target);
  }

  /** One turn: begins sweeps where there is room. */
  turn(now: number): void {
    if (now - this.#turnedAt < TURN_MS) return;
    this.#turnedAt = now;
    let running = 0;
    for (const round of this.#rounds.values()) running += round.running.size;
    for (const round of this.#rounds.values()) {
      const { waiting } = round;
      for (let left = waiting.length; left > 0; left -= 1) {
        // The first sweeps find how far away the destination is, which spares the others what lies behind it.
        const limit = round.met.size === 0 ? SCOUTS : SURVEYS_A_TARGET;
        if (running >= SURVEYS || round.running.size >= limit) break;
        const flow = waiting.shift();
        if (flow === undefined || !flow.active) continue;
        // One that fails has its own sweeps and waits until it works, as does one not probed yet.
        if (flow.state !== "up" || !this.#options.begin(flow, now)) {
          waiting.push(flow);
          continue;
        }
        round.running.add(flow);
        running += 1;
        if (round.sampled >= SHARED_AFTER || round.sample.has(flow)) continue;
        round.sample.add(flow);
        round.sampled += 1;
      }
    }
  }

  /**
   * A survey ended, or gave way to a sweep of a failure (`result` undefined).
   * @returns what it learnt of the flow's path, undefined where it did not reach the destination
   */
  finished(flow: ProbedFlow, result: TraceResult | undefined): (string | null)[] | undefined {
    const round = this.#rounds.get(flow.target);
    round?.running.delete(flow);
    if (round !== undefined && result !== undefined && this.#again(round, flow, result)) {
      return undefined;
    }
    if (round !== undefined && flow.state === "failing") round.partial = true;
    // One that gave way leaves its place in the sample to another.
    if (round?.sample.delete(flow) && result === undefined) round.sampled -= 1;
    if (result?.destinationTtl === undefined) return undefined;
    const hops = [...result.way, flow.target.target.address.text];
    hops.forEach((hop, index) => {
      for (const key of [String(index + 1), placeOf(hops, index)]) {
        const met = round?.met.get(key) ?? new Map<string | null, Set<ProbedFlow>>();
        met.set(hop, (met.get(hop) ?? new Set()).add(flow));
        round?.met.set(key, met);
      }
      round?.judged.add(placeOf(hops, index));
    });
    if (round?.witnesses.saw(flow, hops)) round.waiting.unshift(flow);
    const perPacket = round?.witnesses.perPacketTtls;
    if (perPacket !== undefined) this.#options.topology(flow.target).balanceByPacket(perPacket);
    return hops;
  }

  /** Whether a survey that ended is no use; it is tried again then, unless it was tried often enough. */
  #again(round: Round, flow: ProbedFlow, result: TraceResult): boolean {
    const tries = (round.tries.get(flow) ?? 0) + 1;
    round.tries.set(flow, tries);
    if (result.destinationTtl !== undefined && !isDoubtful(round, result.way)) return false;
    if (tries >= TRIES) return false;
    if (round.sample.has(flow)) round.waiting.unshift(flow);
    else round.waiting.push(flow);
    return true;
  }

  /**
   * A hop that all flows of this round met at a TTL, or at least all that came by the same hop before it (null: silence);
   * undefined where they differ or are too few.
   * @param before the hop before, `source` before the first; null where it is not known
   */
  shared(target: ProbedTarget, ttl: number, before: string | null): string | null | undefined {
    const round = this.#rounds.get(target);
    if (round === undefined || round.partial || round.sample.size > 0) return undefined;
    const everywhere = enough(round.met.get(String(ttl)));
    if (everywhere !== undefined || before === null) return everywhere;
    return enough(round.met.get(`${ttl} behind ${before}`));
  }
}

/** The one hop that enough flows met, and none another; undefined where there is none. */
function enough(met: Map<string | null, Set<ProbedFlow>> | undefined): string | null | undefined {
  if (met?.size !== 1) return undefined;
  const [[hop, flows] = [null, new Set()]] = met;
  return flows.size >= SHARED_AFTER ? hop : undefined;
}

/** The place of a hop: its TTL and what stands before it. */
function placeOf(hops: readonly (string | null)[], index: number): string {
  return `${index + 1} behind ${index === 0 ? "source" : (hops[index - 1] ?? "*")}`;
}

/**
 * Whether a way has a gap where flows that came another way met a hop: it may be the same router, whose ration they had
 * used up. Where somebody has answered behind the same hop, silence is judged by that already.
 */
function isDoubtful(round: Round, way: readonly (string | null)[]): boolean {
  return way.some((hop, index) => {
    if (hop !== null || round.judged.has(placeOf(way, index))) return false;
    return [...(round.met.get(String(index + 1))?.keys() ?? [])].some((other) => other !== null);
  });
}
