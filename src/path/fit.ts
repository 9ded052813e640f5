import { type Cause, type Effect, hitOf } from "./cause.ts";
import type { Explanation } from "./explanation.ts";
import type { Site } from "./sites.ts";

/** Rounds of expectation and maximisation; the fit need not be finer than the prices. */
const ROUNDS = 5;
const LEAST_LOSS = 0.01;
const MOST_LOSS = 0.8;

/**
 * Fits share and loss of a cause at a site to the evidence, beside the causes already there: each flow is held to be
 * met with the chance that its evidence gives, each failure to be this cause's with its part of the flow's loss.
 */
export function fitCause(
  explanation: Explanation,
  site: Site,
  effect: Effect,
  price: number,
): Cause {
  let loss = effect.kind === "dead" ? 1 : firstLoss(explanation, site);
  let share = effect.extent === "all" ? 1 : 0.3;
  if (effect.kind === "dead" && effect.extent === "all") {
    return { site, effect, price, share, loss };
  }
  for (let round = 0; round < ROUNDS; round++) {
    let met = 0;
    let weights = 0;
    let lost = 0;
    let sent = 0;
    for (const member of site.members) {
      const { flow, weight } = member;
      const { probes, failures } = explanation.countsOf(flow);
      const chance =
        effect.extent === "all" ? weight : metChance(explanation, member, weight, share, loss);
      met += chance;
      weights += weight;
      if (effect.kind === "loss") {
        let others = 1;
        for (const hit of explanation.hitsOf(flow)) {
          others *= 1 - hit.chance * hit.loss;
        }
        if (others > 0.02) {
          // A packet that another cause took may have been lost here as well.
          lost += (chance * failures * loss) / (1 - others * (1 - loss));
          sent += chance * probes;
        }
      }
    }
    if (effect.extent === "share") {
      share = Math.min(0.999, (met + 0.5) / (weights + 1));
    }
    if (effect.kind === "loss") {
      loss = Math.min(MOST_LOSS, Math.max(LEAST_LOSS, lost / Math.max(1, sent)));
    }
  }
  return { site, effect, price, share, loss };
}

function metChance(
  explanation: Explanation,
  member: Site["members"][number],
  weight: number,
  share: number,
  loss: number,
): number {
  const { flow } = member;
  const before = Math.exp(-explanation.priceOf(flow)) * (1 - weight * share);
  const sure = { ...hitOf(member, 1, loss), chance: 1 };
  const after = explanation.likelihoodWith(flow, sure) * weight * share;
  return after / (before + after);
}

/** Loss over all flows of the site that still pass something. */
function firstLoss(explanation: Explanation, site: Site): number {
  let lost = 0;
  let sent = 0;
  for (const { flow, weight } of site.members) {
    const { probes, failures } = explanation.countsOf(flow);
    if (!explanation.hitsOf(flow).some(({ loss, chance }) => loss >= 1 && chance > 0.5)) {
      lost += weight * failures;
      sent += weight * probes;
    }
  }
  return Math.min(MOST_LOSS, Math.max(LEAST_LOSS, lost / Math.max(1, sent)));
}
