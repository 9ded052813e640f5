import { type Cause, type Effect, hitOf } from "./cause.ts";
import type { Explanation } from "./explanation.ts";
import type { Site } from "./sites.ts";

/** A cause with the numbers that fit best, and the nats it gains on the flows, its own price not yet paid. */
export interface Fit {
  readonly cause: Cause;
  readonly gain: number;
}

/** Rounds of a full fit, which need not be finer than the prices, and of a first look. */
const ROUNDS = 5;
const FIRST_ROUNDS = 1;
/** Less than this change of share and loss ends them. */
const FINE = 0.01;
const LEAST_LOSS = 0.01;
const MOST_LOSS = 0.8;

/**
 * Fits share and loss of a cause at a site to the evidence, beside the causes already there: each flow is held to be
 * met with the chance that its evidence gives, each failure to be this cause's with its part of the flow's loss.
 * A first look at loss takes it as it shows in the counts, without refining.
 */
export function fitCause(
  explanation: Explanation,
  site: Site,
  effect: Effect,
  price: number,
  firstLook: boolean,
): Fit {
  const { members } = site;
  const some = effect.extent === "share";
  let loss = effect.kind === "dead" ? 1 : firstLoss(explanation, site, some);
  let share = some ? firstShare(explanation, site) : 1;
  const met = new Float64Array(members.length);
  let best: Fit | null = null;
  const rounds = firstLook && loss < 1 ? FIRST_ROUNDS : ROUNDS;
  for (let round = 0; round < rounds; round++) {
    let gain = 0;
    let sumMet = 0;
    let sumWeights = 0;
    let i = 0;
    for (const member of members) {
      const { flow, weight } = member;
      const base = explanation.likelihoodOf(flow);
      // A met flow's likelihood does not change while the loss does not.
      if (round === 0 || loss < 1) {
        met[i] = explanation.likelihoodWith(flow, hitOf(member, 1, loss));
      }
      const hit = weight * share * (met[i] ?? 0);
      const both = hit + (1 - weight * share) * base;
      gain += Math.log(both / base);
      sumMet += hit / both;
      sumWeights += weight;
      i += 1;
    }
    if (!best || gain > best.gain) {
      best = { cause: { site, effect, price, share, loss }, gain };
    }
    if ((!some && loss === 1) || round + 1 === rounds) {
      break;
    }
    const before = { share, loss };
    if (loss < 1) {
      loss = nextLoss(explanation, site, share, loss, met);
    }
    if (some) {
      share = Math.min(0.999, (sumMet + 0.5) / (sumWeights + 1));
    }
    if (Math.abs(share - before.share) + Math.abs(loss - before.loss) < FINE) {
      break;
    }
  }
  return best ?? { cause: { site, effect, price, share, loss }, gain: 0 };
}

/** The loss that fits best once each failure is split between this cause and the others. */
function nextLoss(
  explanation: Explanation,
  site: Site,
  share: number,
  loss: number,
  met: Float64Array,
): number {
  let lost = 0;
  let sent = 0;
  site.members.forEach(({ flow, weight }, i) => {
    const others = explanation.passOf(flow);
    if (others > 0.02) {
      const { probes, failures } = explanation.countsOf(flow);
      const hit = weight * share * (met[i] ?? 0);
      const chance = hit / (hit + (1 - weight * share) * explanation.likelihoodOf(flow));
      // A packet that another cause took may have been lost here as well.
      lost += (chance * failures * loss) / (1 - others * (1 - loss));
      sent += chance * probes;
    }
  });
  return Math.min(MOST_LOSS, Math.max(LEAST_LOSS, lost / Math.max(1, sent)));
}

/** Part of the site's flows that the causes so far explain badly. */
function firstShare(explanation: Explanation, site: Site): number {
  let bad = 0.5;
  let all = 1;
  for (const { flow, weight } of site.members) {
    bad += explanation.excessOf(flow) > 3 ? weight : 0;
    all += weight;
  }
  return bad / all;
}

/** Loss over the flows of the site that still pass something, of a share over those that are explained badly. */
function firstLoss(explanation: Explanation, site: Site, some: boolean): number {
  let lost = 0;
  let sent = 0;
  for (const { flow, weight } of site.members) {
    if (explanation.passOf(flow) > 0.5 && (!some || explanation.excessOf(flow) > 3)) {
      const { probes, failures } = explanation.countsOf(flow);
      lost += weight * failures;
      sent += weight * probes;
    }
  }
  return Math.min(MOST_LOSS, Math.max(LEAST_LOSS, lost / Math.max(1, sent)));
}
