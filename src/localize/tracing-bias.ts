import type { LocalizeCase } from "./case.ts";
import type { Trail } from "./sweep-end.ts";

/**
 * How many flows each flow that fails counts for, 0 to 1, where the ways of others are guessed from those that were traced. Flows that fail are
 * traced first, so that those of a broken link are soon most of what is known; they count for less by as much as flows that work were traced
 * more seldom.
 * @param trails in the order of the flows
 */
export function weightOfFailing(flows: LocalizeCase["flows"], trails: readonly Trail[]): number {
  const sums = { failing: { traced: 0, all: 0 }, working: { traced: 0, all: 0 } };
  flows.forEach(({ failures, alike = 1 }, at) => {
    const sum = failures > 0 ? sums.failing : sums.working;
    sum.all += alike;
    sum.traced += trails[at]?.learnt ? alike : 0;
  });
  const { failing, working } = sums;
  const tracedOf = ({ traced, all }: typeof failing): number => traced / Math.max(1, all);
  return failing.traced === 0 ? 1 : Math.min(1, tracedOf(working) / tracedOf(failing));
}
