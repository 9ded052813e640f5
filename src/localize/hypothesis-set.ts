import { type Counts, flowsOf } from "./counts.ts";
import type { Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import { type Hypothesis, hitOf } from "./hypothesis.ts";
import { flowCost, type Hit, MOST_MISSING, weightBeside, withHit } from "./likelihood.ts";
import type { Member } from "./member.ts";
import { areMost, areOneFault, crossingOf } from "./own-answers.ts";

/** A moment of an set, to come back to. */
export interface Snapshot {
  readonly hypotheses: readonly Hypothesis[];
  readonly states: readonly FlowState[];
}

/** What an set says of one flow; replaced, never changed. */
interface FlowState {
  readonly hits: readonly Hit[];
  readonly cost: number;
  readonly likelihood: number;
  /** Share of packets that pass all hypotheses so far. */
  readonly pass: number;
  /** When it was made, on a clock that never repeats. */
  readonly made: number;
}

/** The most that the end of a sweep speaks for loss at one place, in nats. Set by hand (2026-11). */
const MOST_OF_SWEEP = 2;

/**
 * Nats by which a place on the way there and the way back are likelier broken together than two faults, where the latter goes no further
 * than what comes back by the place. Set by hand (2026-11): most routers and links are crossed in both directions.
 */
const BOTH_WAYS = 5;

const NO_COUNTS: Counts = { probes: 0, failures: 0, deadCost: 0, logWays: 0, alike: 1 };
const NO_STATE: FlowState = { hits: [], cost: 0, likelihood: 1, pass: 1, made: 0 };

/** A set of hypotheses and the cost of all evidence under it. */
export class HypothesisSet {
  readonly #counts: readonly Counts[];
  readonly #gap: number;
  readonly #noise: number;
  readonly #least: readonly number[];
  readonly #mayTellBack: (location: FaultLocation) => boolean;
  readonly #flows: number;
  #states: FlowState[];
  #hypotheses: readonly Hypothesis[] = [];
  #clock = 0;

  /**
   * @param missing by flow: hops that did not answer its sweep although they answer others
   * @param noise share of probes lost without a fault
   * @param gap share of answers that hops fail to give to a sweep without a fault
   * @param mayTellBack whether a place may be one of the addresses that tell which way answers go back
   */
  constructor(
    counts: readonly Counts[],
    missing: readonly number[],
    noise: number,
    gap: number,
    mayTellBack: (location: FaultLocation) => boolean = () => false,
  ) {
    this.#counts = counts;
    this.#flows = flowsOf(counts);
    this.#mayTellBack = mayTellBack;
    this.#gap = gap;
    this.#noise = noise;
    this.#least = counts.map(
      (flow, i) => cheapest(flow) + Math.min(MOST_MISSING, missing[i] ?? 0) * Math.log(gap),
    );
    this.#states = counts.map((_, flow) => this.#state(flow, []));
  }

  get hypotheses(): readonly Hypothesis[] {
    return this.#hypotheses;
  }

  /** Cost of the hypotheses and of all flows under them, in nats. */
  get cost(): number {
    let sum = 0;
    this.#states.forEach(({ cost }, flow) => {
      sum += cost * this.countsOf(flow).alike;
    });
    for (const { cost } of this.#hypotheses) {
      sum += cost;
    }
    return sum - this.#sparedBySome;
  }

  /** Nats that a hypothesis spares beside the others: with one of them it may be one fault, which takes packets and answers. */
  sparedBy(hypothesis: Hypothesis): number {
    // That the way back is dead makes no place dead on the way there: what is dead there shows it itself.
    const isDeadThere = hypothesis.effect.kind === "dead" && hypothesis.location.kind !== "behind";
    return isDeadThere ? 0 : this.sparedAtMost(hypothesis);
  }

  /** The same, whichever of the two comes last. */
  sparedAtMost(hypothesis: Hypothesis): number {
    return Math.max(0, this.#sparedWith(hypothesis, this.#hypotheses) - this.#sparedBySome);
  }

  /** The most that one of the hypotheses spares, because it may be one fault with another. */
  get #sparedBySome(): number {
    let most = 0;
    this.#hypotheses.forEach((one, at) => {
      most = Math.max(most, this.#sparedWith(one, this.#hypotheses.slice(at + 1)));
    });
    return most;
  }

  #sparedWith(one: Hypothesis, others: readonly Hypothesis[]): number {
    const isOne = others.some((other) => areOneFault(one, other, this.#counts, this.#mayTellBack));
    return isOne ? BOTH_WAYS : 0;
  }

  /** Probes of a flow. */
  countsOf(flow: number): Counts {
    return this.#counts[flow] ?? NO_COUNTS;
  }

  /** Whether nearly all flows cross a place. */
  isCrossedByMost(location: FaultLocation): boolean {
    return areMost(crossingOf(location, this.#counts), this.#flows);
  }

  /** Likelihood of a flow's evidence under the hypotheses so far. */
  likelihoodOf(flow: number): number {
    return (this.#states[flow] ?? NO_STATE).likelihood;
  }

  /** Share of a flow's packets, 0 to 1, that pass the hypotheses so far. */
  passOf(flow: number): number {
    return (this.#states[flow] ?? NO_STATE).pass;
  }

  /** Nats that a flow could at most still gain. */
  excessOf(flow: number): number {
    return Math.max(0, (this.#states[flow] ?? NO_STATE).cost - (this.#least[flow] ?? 0));
  }

  /** Chance that a flow passes a location, beside the hypotheses so far. */
  weightOf(member: Member): number {
    return weightBeside((this.#states[member.flow] ?? NO_STATE).hits, member);
  }

  /** Likelihood of a flow's evidence with one more hit. */
  likelihoodWith(flow: number, hit: Hit): number {
    const { hits } = this.#states[flow] ?? NO_STATE;
    return Math.exp(-this.#cost(flow, hits, hit));
  }

  /** Names the state of a location's flows: the same number, the same state. */
  stampOf(location: FaultLocation): number {
    let latest = 0;
    for (const { flow } of location.members) {
      latest = Math.max(latest, this.#states[flow]?.made ?? 0);
    }
    return latest;
  }

  /** Whether a hypothesis could gain more than its cost: cheap, and hardly ever wrong when it says no. */
  mayGain(location: FaultLocation, effect: Effect, cost: number): boolean {
    let most = (this.#hypotheses.length > 0 ? BOTH_WAYS : 0) - cost;
    let bad = 0;
    let good = 0;
    for (const { flow, weight } of location.members) {
      const excess = this.excessOf(flow);
      const { deadCost, alike } = this.countsOf(flow);
      most += alike * excess;
      bad += excess > 1 ? alike * weight : 0;
      good += deadCost > 20 && weight > 0.9 ? alike : 0;
    }
    if (most <= 0 || effect.kind === "loss") {
      return most > 0 && (effect.extent === "share" || this.#mayLose(location, cost));
    }
    if (effect.extent === "all") {
      return good < 4;
    }
    // What it costs at least to say which of the flows the share is.
    const all = bad + good;
    return most > bad * Math.log(all / bad) + (good > 0 ? good * Math.log(all / good) : 0);
  }

  /** The same for loss that meets all flows of a location: those without any other hypothesis tell at once. */
  #mayLose({ members }: FaultLocation, cost: number): boolean {
    let failures = 0;
    let probes = 0;
    let others = 0;
    for (const { flow, weight } of members) {
      const { hits } = this.#states[flow] ?? NO_STATE;
      const counts = this.countsOf(flow);
      if (weight > 0.95 && hits.length === 0) {
        failures += counts.alike * counts.failures;
        probes += counts.alike * counts.probes;
        others += counts.failures > 0 ? counts.alike * MOST_OF_SWEEP : 0;
      } else {
        others += counts.alike * this.excessOf(flow);
      }
    }
    const loss = Math.max(this.#noise, failures / Math.max(1, probes));
    const gain =
      failures * Math.log(loss / this.#noise) +
      (probes - failures) * Math.log((1 - Math.min(loss, 0.99)) / (1 - this.#noise));
    return gain + others > cost;
  }

  add(hypothesis: Hypothesis): void {
    this.#hypotheses = [...this.#hypotheses, hypothesis];
    this.#touch(hypothesis);
  }

  remove(hypothesis: Hypothesis): void {
    this.#hypotheses = this.#hypotheses.filter((other) => other !== hypothesis);
    this.#touch(hypothesis);
  }

  /** Takes out, of three and more, what others that came later have made superfluous: what saves no more than so many nats. */
  prune(least: number): void {
    for (const hypothesis of this.#hypotheses.length > 2 ? this.#hypotheses : []) {
      const saved = this.save();
      const before = this.cost;
      this.remove(hypothesis);
      if (this.cost > before - least) this.restore(saved);
    }
  }

  save(): Snapshot {
    return { hypotheses: this.#hypotheses, states: [...this.#states] };
  }

  restore({ hypotheses, states }: Snapshot): void {
    this.#hypotheses = hypotheses;
    this.#states = [...states];
  }

  #touch({ location: changed }: Hypothesis): void {
    this.#clock += 1;
    const touched = new Map<number, Hit[]>(changed.members.map(({ flow }) => [flow, []]));
    for (const { location, share, loss } of this.#hypotheses) {
      for (const member of location.members) {
        const hits = touched.get(member.flow);
        if (hits) {
          const weight = weightBeside(hits, member);
          touched.set(member.flow, withHit(hits, hitOf(member, weight, share, loss)));
        }
      }
    }
    for (const [flow, hits] of touched) {
      this.#states[flow] = this.#state(flow, hits);
    }
  }

  #state(flow: number, hits: readonly Hit[]): FlowState {
    const cost = this.#cost(flow, hits, null);
    const { failures, probes } = this.countsOf(flow);
    // A flow that gets answers has not met what takes everything.
    const isAlive = failures < probes;
    const pass = hits.reduce(
      (product, { chance, loss }) => product * (isAlive && loss === 1 ? 1 : 1 - chance * loss),
      1,
    );
    return { hits, cost, likelihood: Math.exp(-cost), pass, made: this.#clock };
  }

  #cost(flow: number, hits: readonly Hit[], more: Hit | null): number {
    return flowCost(this.countsOf(flow), hits, more, this.#noise, this.#gap);
  }
}

/** The least that a flow's counts can cost, under the hypotheses that fit them best. */
function cheapest({ probes, failures, deadCost, logWays }: Counts): number {
  const q = failures / Math.max(1, probes);
  const scattered =
    q === 0 || q === 1 ? 0 : -failures * Math.log(q) - (probes - failures) * Math.log(1 - q);
  return Math.min(deadCost, scattered - logWays);
}
