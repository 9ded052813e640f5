import { type FlowWindow, FORGETTABLE_STREAK } from "./flow-window.ts";

/** Loss of less than this hardly ever takes as many probes in a row as death does: 4 of 0.15 one time in 2000. */
const LEAST_LOSS = 0.15;
/** A path that loses more is as good as dead. */
const MOST_LOSS = 0.8;
/** Chance that loss makes any flow fail so often in a row that it is taken for dead. */
const ROW_CHANCE = 0.02;

/**
 * Failures in a row that are to be expected of loss alone; 0 unless more flows lose a part than look dead now: flows that
 * have answered again after a failure, without a row of failures that looks like death.
 * @param flows whether each is still probed, and what it did
 */
export function rowByLoss(
  flows: Iterable<readonly [{ readonly active: boolean }, FlowWindow]>,
  now: number,
): number {
  let [dead, intermittent, lost, probes] = [0, 0, 0, 0];
  for (const [{ active }, window] of flows) {
    if (active && window.streak >= FORGETTABLE_STREAK) dead += 1;
    else if (window.isIntermittent(now)) {
      intermittent += 1;
      // Its first failure is why it is looked at.
      lost += window.failures - 1;
      probes += window.probesBetween(window.failingSince, now);
    }
  }
  const loss = Math.min(MOST_LOSS, lost / Math.max(1, probes));
  if (intermittent <= dead || loss < LEAST_LOSS) return 0;
  return Math.log(ROW_CHANCE / intermittent) / Math.log(loss);
}
