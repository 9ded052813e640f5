import { type Cause, type Effect, hitOf } from "./cause.ts";
import type { Counts } from "./counts.ts";
import { flowPrice, type Hit } from "./likelihood.ts";
import type { Site } from "./sites.ts";

/** A moment of an explanation, to come back to. */
export interface Snapshot {
  readonly causes: readonly Cause[];
  readonly states: readonly FlowState[];
}

/** What an explanation says of one flow; replaced, never changed. */
interface FlowState {
  readonly hits: readonly Hit[];
  readonly price: number;
  readonly likelihood: number;
  /** Share of packets that pass all causes so far. */
  readonly pass: number;
  /** When it was made, on a clock that never repeats. */
  readonly made: number;
}

/** The most that the end of a sweep speaks for loss at one place, in nats. */
const MOST_OF_SWEEP = 2;

const NO_COUNTS: Counts = { probes: 0, failures: 0, deadCost: 0 };
const NO_STATE: FlowState = { hits: [], price: 0, likelihood: 1, pass: 1, made: 0 };

/** A set of causes and the price of all evidence under it. */
export class Explanation {
  readonly #counts: readonly Counts[];
  readonly #shortOfEnd: readonly (number | null)[];
  readonly #noise: number;
  readonly #least: readonly number[];
  #states: FlowState[];
  #causes: readonly Cause[] = [];
  #clock = 0;

  /** @param noise share of probes lost without a cause. */
  constructor(counts: readonly Counts[], shortOfEnd: readonly (number | null)[], noise: number) {
    this.#counts = counts;
    this.#shortOfEnd = shortOfEnd;
    this.#noise = noise;
    this.#least = counts.map(cheapest);
    this.#states = counts.map((_, flow) => this.#state(flow, []));
  }

  get causes(): readonly Cause[] {
    return this.#causes;
  }

  /** Price of the causes and of all flows under them, in nats. */
  get price(): number {
    let sum = 0;
    for (const { price } of this.#states) {
      sum += price;
    }
    for (const { price } of this.#causes) {
      sum += price;
    }
    return sum;
  }

  /** Probes of a flow. */
  countsOf(flow: number): Counts {
    return this.#counts[flow] ?? NO_COUNTS;
  }

  /** Likelihood of a flow's evidence under the causes so far. */
  likelihoodOf(flow: number): number {
    return (this.#states[flow] ?? NO_STATE).likelihood;
  }

  /** Share of a flow's packets, 0 to 1, that pass the causes so far. */
  passOf(flow: number): number {
    return (this.#states[flow] ?? NO_STATE).pass;
  }

  /** Nats that a flow could at most still gain. */
  excessOf(flow: number): number {
    return Math.max(0, (this.#states[flow] ?? NO_STATE).price - (this.#least[flow] ?? 0));
  }

  /** Likelihood of a flow's evidence with one more hit. */
  likelihoodWith(flow: number, hit: Hit): number {
    const { hits } = this.#states[flow] ?? NO_STATE;
    return Math.exp(-this.#price(flow, hits, hit));
  }

  /** Names the state of a site's flows: the same number, the same state. */
  stampOf(site: Site): number {
    let latest = 0;
    for (const { flow } of site.members) {
      latest = Math.max(latest, this.#states[flow]?.made ?? 0);
    }
    return latest;
  }

  /** Whether a cause could gain more than its price: cheap, and hardly ever wrong when it says no. */
  mayGain(site: Site, effect: Effect, price: number): boolean {
    let most = -price;
    let bad = 0;
    let good = 0;
    for (const { flow, weight } of site.members) {
      const excess = this.excessOf(flow);
      most += excess;
      bad += excess > 1 ? weight : 0;
      good += (this.#counts[flow]?.deadCost ?? 0) > 20 && weight > 0.9 ? 1 : 0;
    }
    if (most <= 0 || effect.kind === "loss") {
      return most > 0 && (effect.extent === "share" || this.#mayLose(site, price));
    }
    if (effect.extent === "all") {
      return good < 4;
    }
    // What it costs at least to say which of the flows the share is.
    const all = bad + good;
    return most > bad * Math.log(all / bad) + (good > 0 ? good * Math.log(all / good) : 0);
  }

  /** The same for loss that meets all flows of a site: those without any other cause tell at once. */
  #mayLose({ members }: Site, price: number): boolean {
    let failures = 0;
    let probes = 0;
    let others = 0;
    for (const { flow, weight } of members) {
      const { hits } = this.#states[flow] ?? NO_STATE;
      const counts = this.countsOf(flow);
      if (weight > 0.95 && hits.length === 0) {
        failures += counts.failures;
        probes += counts.probes;
        others += counts.failures > 0 ? MOST_OF_SWEEP : 0;
      } else {
        others += this.excessOf(flow);
      }
    }
    const loss = Math.max(this.#noise, failures / Math.max(1, probes));
    const gain =
      failures * Math.log(loss / this.#noise) +
      (probes - failures) * Math.log((1 - Math.min(loss, 0.99)) / (1 - this.#noise));
    return gain + others > price;
  }

  add(cause: Cause): void {
    this.#causes = [...this.#causes, cause];
    this.#touch(cause);
  }

  remove(cause: Cause): void {
    this.#causes = this.#causes.filter((other) => other !== cause);
    this.#touch(cause);
  }

  save(): Snapshot {
    return { causes: this.#causes, states: [...this.#states] };
  }

  restore({ causes, states }: Snapshot): void {
    this.#causes = causes;
    this.#states = [...states];
  }

  #touch({ site: changed }: Cause): void {
    this.#clock += 1;
    const touched = new Map<number, Hit[]>(changed.members.map(({ flow }) => [flow, []]));
    for (const { site, share, loss } of this.#causes) {
      for (const member of site.members) {
        const hits = touched.get(member.flow);
        if (hits) {
          touched.set(member.flow, withHit(hits, hitOf(member, share, loss)));
        }
      }
    }
    for (const [flow, hits] of touched) {
      this.#states[flow] = this.#state(flow, hits);
    }
  }

  #state(flow: number, hits: readonly Hit[]): FlowState {
    const price = this.#price(flow, hits, null);
    const pass = hits.reduce((product, { chance, loss }) => product * (1 - chance * loss), 1);
    return { hits, price, likelihood: Math.exp(-price), pass, made: this.#clock };
  }

  #price(flow: number, hits: readonly Hit[], more: Hit | null): number {
    const end = this.#shortOfEnd[flow] ?? null;
    return flowPrice(this.countsOf(flow), end, hits, more, this.#noise);
  }
}

/** Adds a hit in the order of depth. */
function withHit(hits: readonly Hit[], hit: Hit): Hit[] {
  const at = hits.findIndex(({ depth }) => depth > hit.depth);
  return at < 0 ? [...hits, hit] : [...hits.slice(0, at), hit, ...hits.slice(at)];
}

/** The least that a flow's counts can cost, under the causes that fit them best. */
function cheapest({ probes, failures, deadCost }: Counts): number {
  const q = failures / Math.max(1, probes);
  const scattered =
    q === 0 || q === 1 ? 0 : -failures * Math.log(q) - (probes - failures) * Math.log(1 - q);
  return Math.min(deadCost, scattered);
}
