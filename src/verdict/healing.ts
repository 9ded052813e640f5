import type { FlowWindow } from "./flow-window.ts";

/** A dead path is held to lose no more than this, so that one answer alone heals nothing. */
const CERTAIN_LOSS = 0.9;

/** Chance that a fault that is still there passes for healed. */
const HEALED_CHANCE = 0.02;
/**
 * The same where it is worked out from the time of the fault alone. Looked at each second, as many losses of 15 to 30 % pass for healed
 * while they last as without this, and those that have ended sooner, of few flows in half the time (2026-11).
 */
const QUIET_CHANCE = 0.004;

/** What is known of flows besides what they did. */
export interface Hints {
  /** At least what is lost of all packets of these flows, 0 to 1, where they share a suspect: then flows count that never failed as well, such as those that a rotation has begun since. */
  readonly lossRatio?: number | undefined;
  /** Chance that a fault which is still there passes for over. */
  readonly most?: number | undefined;
  /** How much was answered since a time, as far as can be guessed, to other flows that have the fault in common. */
  readonly byOthers?: ((since: number) => number) | undefined;
}

/**
 * Whether so much was answered after the last failure that the fault, were it still there, would have hit some of it with near certainty.
 * @param windows of flows that have a fault in common
 * @param failed those of them with failures
 * @param since when the last of these failures was
 */
export function isQuiet(
  windows: readonly FlowWindow[],
  failed: readonly FlowWindow[],
  since: number,
  { lossRatio, most = HEALED_CHANCE, byOthers = () => 0 }: Hints,
): boolean {
  const byAll = windows.reduce((sum, window) => sum + window.answeredAfter(since), byOthers(since));
  const together =
    lossRatio === undefined
      ? 1
      : Math.min(
          (1 - Math.min(lossRatio, CERTAIN_LOSS)) ** byAll,
          chanceOfAnswers(byAll, since, windows, failed),
        );
  if (Math.min(chanceToSpare(failed, since), together) <= most) return true;
  return chanceOfQuiet(failed, since) <= Math.min(most, QUIET_CHANCE);
}

/**
 * Chance that so many probes in a row are answered although the fault is still there. How much it takes of all probes of these flows is
 * known from those between the first failure and the last only, what was answered before and since would hide it: few of them leave
 * open that it takes less than it seemed to. The last failure ends the time that is looked at, so it is not counted.
 */
function chanceOfAnswers(
  answers: number,
  last: number,
  windows: readonly FlowWindow[],
  failed: readonly FlowWindow[],
): number {
  const onset = Math.min(...failed.map(({ failingSince }) => failingSince));
  const failures = failed.reduce((sum, window) => sum + window.failures, 0);
  const probes = windows.reduce((sum, window) => sum + window.probesBetween(onset, last), 0);
  const lost = failures - 1;
  const passed = Math.max(1, probes - lost, (lost * (1 - CERTAIN_LOSS)) / CERTAIN_LOSS);
  return chanceToPass(answers, lost, passed);
}

/** What is less likely is not worked out further. */
const LEAST = 1e-9;

/**
 * Chance that so many more get through where some were lost and some passed: the mean over what the loss may be, a beta distribution. The quotient
 * of gamma functions that it is has as many factors as there are answers, or losses.
 */
function chanceToPass(answers: number, lost: number, passed: number): number {
  const [fewer, more] = [Math.floor(answers), lost].sort((a, b) => a - b) as [number, number];
  let chance = 1;
  for (let at = 0; at < fewer && chance > LEAST; at += 1)
    chance *= (passed + at) / (more + passed + at);
  return chance;
}

/**
 * The same of flows that failed, wherever they go: each tells from its first failure on, which is why it is looked at and says nothing
 * of how much is lost.
 * @param failed flows with failures
 * @param last when the last of these was
 */
function chanceOfQuiet(failed: readonly FlowWindow[], last: number): number {
  const partly = failed.filter(({ isReviving }) => !isReviving);
  let [lost, probes, answers, byRevived] = [0, 0, 0, 0];
  for (const window of partly) {
    lost += window.failures - 1;
    probes += window.probesBetween(window.failingSince, last) - 1;
    answers += window.answeredAfter(last);
  }
  for (const window of failed) if (window.isReviving) byRevived += window.answeredAfter(last);
  const passed = Math.max(1, probes - lost);
  return chanceToPass(answers, lost, passed) * (1 - CERTAIN_LOSS) ** byRevived;
}

/** Chance that a fault which treats each flow as it did before spares all their probes after `since`. */
function chanceToSpare(windows: readonly FlowWindow[], since: number): number {
  const partly = windows.filter(({ isReviving }) => !isReviving);
  const failures = partly.reduce((sum, window) => sum + window.failures, 0);
  const probes = partly.reduce((sum, window) => sum + window.probes, 0);
  const loss = failures / Math.max(1, probes);
  return windows.reduce((chance, window) => {
    const own = window.isReviving ? CERTAIN_LOSS : loss;
    return chance * (1 - own) ** window.answeredAfter(since);
  }, 1);
}
