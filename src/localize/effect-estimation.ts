import type { Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import { type Hypothesis, hitOf } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";

/** A hypothesis with the numbers that fit best, and the nats it gains on the flows, its own cost not yet paid. */
export interface Fit {
  readonly hypothesis: Hypothesis;
  readonly gain: number;
}

/** Rounds of a full fit, which need not be finer than the costs, and of a first look. */
const ROUNDS = 5;
const FIRST_ROUNDS = 1;
/** Less than this change of share and loss ends them. */
const FINE = 0.01;
/** Less is nobody's fault: noise takes up to 1.2 %. */
const LEAST_LOSS = 0.02;
const MOST_LOSS = 0.9;
/** A share that takes all flows is no share. */
const MOST_SHARE = 0.999;
/**
 * One member of a bundle is one of two at least, and takes half of the flows, or little more where they are hashed unevenly. Where more
 * of them fail the bundle's router is likelier, or several faults.
 */
const MOST_OF_A_BUNDLE = 0.55;

/**
 * Fits share and loss of a hypothesis at a location to the evidence, beside the hypotheses already there: each flow is held to be
 * met with the chance that its evidence gives, each failure to be this hypothesis's with its part of the flow's loss.
 * A first look at loss takes it as it shows in the counts, without refining.
 */
export function estimateEffect(
  set: HypothesisSet,
  location: FaultLocation,
  effect: Effect,
  cost: number,
  firstLook: boolean,
): Fit {
  const { members } = location;
  const some = effect.extent === "share";
  const mostShare = mostShareOf(location);
  let loss = effect.kind === "dead" ? 1 : firstLoss(set, location, some);
  let share = some ? Math.min(mostShare, firstShare(set, location)) : 1;
  const met = new Float64Array(members.length);
  let best: Fit | null = null;
  const rounds = firstLook && loss < 1 ? FIRST_ROUNDS : ROUNDS;
  for (let round = 0; round < rounds; round++) {
    let gain = 0;
    let sumMet = 0;
    let sumWeights = 0;
    let i = 0;
    for (const member of members) {
      const { flow } = member;
      const weight = set.weightOf(member);
      const base = set.likelihoodOf(flow);
      // A met flow's likelihood does not change while the loss does not.
      if (round === 0 || loss < 1) {
        met[i] = set.likelihoodWith(flow, hitOf(member, 1, 1, loss));
      }
      const hit = weight * share * (met[i] ?? 0);
      const both = hit + (1 - weight * share) * base;
      const { alike } = set.countsOf(flow);
      gain += alike * Math.log(both / base);
      sumMet += alike * (hit / both);
      sumWeights += alike * weight;
      i += 1;
    }
    if (!best || gain > best.gain) {
      best = { hypothesis: { location, effect, cost, share, loss }, gain };
    }
    if ((!some && loss === 1) || round + 1 === rounds) {
      break;
    }
    const before = { share, loss };
    if (loss < 1) {
      loss = nextLoss(set, location, share, loss, met);
    }
    if (some) {
      share = Math.min(mostShare, (sumMet + 0.5) / (sumWeights + 1));
    }
    if (Math.abs(share - before.share) + Math.abs(loss - before.loss) < FINE) {
      break;
    }
  }
  return best ?? { hypothesis: { location, effect, cost, share, loss }, gain: 0 };
}

/** The largest share of the flows of a location that a fault may meet. */
function mostShareOf({ kind }: FaultLocation): number {
  return kind === "link" || kind === "bundle" || kind === "beyond" ? MOST_OF_A_BUNDLE : MOST_SHARE;
}

/** The loss that fits best once each failure is split between this hypothesis and the others. */
function nextLoss(
  set: HypothesisSet,
  location: FaultLocation,
  share: number,
  loss: number,
  met: Float64Array,
): number {
  let lost = 0;
  let sent = 0;
  location.members.forEach((member, i) => {
    const { flow } = member;
    const weight = set.weightOf(member);
    const others = set.passOf(flow);
    if (others > 0.02) {
      const { probes, failures, alike } = set.countsOf(flow);
      const hit = weight * share * (met[i] ?? 0);
      const chance = (alike * hit) / (hit + (1 - weight * share) * set.likelihoodOf(flow));
      // A packet that another hypothesis took may have been lost here as well.
      lost += (chance * failures * loss) / (1 - others * (1 - loss));
      sent += chance * probes;
    }
  });
  return Math.min(MOST_LOSS, Math.max(LEAST_LOSS, lost / Math.max(1, sent)));
}

/** Part of the location's flows that the hypotheses so far explain badly. */
function firstShare(set: HypothesisSet, location: FaultLocation): number {
  let bad = 0.5;
  let all = 1;
  for (const { flow, weight } of location.members) {
    const { alike } = set.countsOf(flow);
    bad += set.excessOf(flow) > 3 ? alike * weight : 0;
    all += alike * weight;
  }
  return bad / all;
}

/** Loss over the flows of the location that still pass something, of a share over those that are explained badly. */
function firstLoss(set: HypothesisSet, location: FaultLocation, some: boolean): number {
  let lost = 0;
  let sent = 0;
  for (const { flow, weight } of location.members) {
    if (set.passOf(flow) > 0.5 && (!some || set.excessOf(flow) > 3)) {
      const { probes, failures, alike } = set.countsOf(flow);
      lost += alike * weight * failures;
      sent += alike * weight * probes;
    }
  }
  return Math.min(MOST_LOSS, Math.max(LEAST_LOSS, lost / Math.max(1, sent)));
}
