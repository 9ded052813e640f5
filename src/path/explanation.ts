import { type Cause, type Effect, hitOf } from "./cause.ts";
import type { Counts } from "./counts.ts";
import { flowPrice, type Hit } from "./likelihood.ts";
import type { Site } from "./sites.ts";

/** A set of causes and the price of all evidence under it. */
export class Explanation {
  readonly #counts: readonly Counts[];
  readonly #shortOfEnd: readonly (number | null)[];
  readonly #noise: number;
  readonly #hits: Hit[][];
  readonly #prices: number[];
  readonly #least: number[];
  /** When each flow's hits last changed, on a clock that never repeats. */
  readonly #changed: number[];
  #clock = 0;
  #causes: Cause[] = [];

  /** @param noise share of probes lost without a cause. */
  constructor(counts: readonly Counts[], shortOfEnd: readonly (number | null)[], noise: number) {
    this.#counts = counts;
    this.#shortOfEnd = shortOfEnd;
    this.#noise = noise;
    this.#hits = counts.map(() => []);
    this.#prices = counts.map((c, i) => flowPrice(c, shortOfEnd[i] ?? null, [], noise));
    this.#least = counts.map(cheapest);
    this.#changed = counts.map(() => 0);
  }

  get causes(): readonly Cause[] {
    return this.#causes;
  }

  /** Price of the causes and of all flows under them, in nats. */
  get price(): number {
    let sum = 0;
    for (const price of this.#prices) {
      sum += price;
    }
    for (const { price } of this.#causes) {
      sum += price;
    }
    return sum;
  }

  /** Price of one flow's evidence, in nats. */
  priceOf(flow: number): number {
    return this.#prices[flow] ?? 0;
  }

  /** What already meets a flow, nearest to the source first. */
  hitsOf(flow: number): readonly Hit[] {
    return this.#hits[flow] ?? [];
  }

  countsOf(flow: number): Counts {
    return this.#counts[flow] ?? { probes: 0, failures: 0, deadCost: 0 };
  }

  /** Changes whenever anything changed for a flow of the site. */
  stampOf(site: Site): number {
    let latest = 0;
    for (const { flow } of site.members) {
      latest = Math.max(latest, this.#changed[flow] ?? 0);
    }
    return latest;
  }

  /** Whether even a perfect fit could gain anything: cheap, and never wrong when it says no. */
  mayGain(site: Site, effect: Effect, price: number): boolean {
    let most = -price;
    let alive = 0;
    for (const { flow, weight } of site.members) {
      most += Math.max(0, this.priceOf(flow) - (this.#least[flow] ?? 0));
      const counts = this.#counts[flow];
      if (counts && weight > 0.9 && counts.deadCost > 20) {
        alive += 1;
      }
    }
    return most > 0 && (effect.kind === "loss" || effect.extent === "share" || alive < 4);
  }

  /** Nats gained on one flow when one more cause meets it. */
  gainOf(flow: number, hit: Hit): number {
    return this.priceOf(flow) - this.#price(flow, withHit(this.hitsOf(flow), hit));
  }

  /** Likelihood of one flow's evidence with one more hit. */
  likelihoodWith(flow: number, hit: Hit): number {
    return Math.exp(-this.#price(flow, withHit(this.hitsOf(flow), hit)));
  }

  add(cause: Cause): void {
    this.#causes = [...this.#causes, cause];
    this.#touch(cause);
  }

  remove(cause: Cause): void {
    this.#causes = this.#causes.filter((other) => other !== cause);
    this.#touch(cause);
  }

  /** Goes back to exactly these causes. */
  reset(causes: readonly Cause[]): void {
    for (const cause of this.#causes) {
      if (!causes.includes(cause)) {
        this.remove(cause);
      }
    }
    for (const cause of causes) {
      if (!this.#causes.includes(cause)) {
        this.add(cause);
      }
    }
  }

  #touch(changed: Cause): void {
    this.#clock += 1;
    const touched = new Set(changed.site.members.map(({ flow }) => flow));
    for (const flow of touched) {
      this.#hits[flow] = [];
      this.#changed[flow] = this.#clock;
    }
    for (const { site, share, loss } of this.#causes) {
      for (const member of site.members) {
        if (touched.has(member.flow)) {
          const hits = this.#hits[member.flow] ?? [];
          this.#hits[member.flow] = withHit(hits, hitOf(member, share, loss));
        }
      }
    }
    for (const flow of touched) {
      this.#prices[flow] = this.#price(flow, this.hitsOf(flow));
    }
  }

  #price(flow: number, hits: readonly Hit[]): number {
    return flowPrice(this.countsOf(flow), this.#shortOfEnd[flow] ?? null, hits, this.#noise);
  }
}

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
