import { killsAll } from "./effect.ts";
import { CROSSES } from "./member.ts";
import type { Scene } from "./scene.ts";
import type { Found } from "./solve.ts";
import { hitBy } from "./suspect.ts";

/** From this chance on a place on the way there is held to be dead. */
const SURE = 0.5;
/** Flows that a fault kills have failed as often in a row as each other but for so many probes: some are due a round later. */
const SAME_ONSET = 2;
/**
 * Answers come back by as many ways as packets go there, about: a place takes no more of the ones than so many times its share of the others,
 * some of which are not known to go by it.
 */
const MOST_OF_BACK = 2;

/**
 * Leaves out that the way back is broken where a place on the way there died at the same time: a dead router or link drops the answers
 * that come back by it as well, of flows that went there by others. Two faults that began within a round of each other are far less
 * likely than one.
 */
export function withoutOwnAnswers(scene: Scene, found: readonly Found[]): Found[] {
  const isBack = ({ hypothesis: { location, effect } }: Found): boolean =>
    location.kind === "behind" && effect.kind === "dead" && effect.extent === "share";
  const there = found.filter(
    ({ chance, hypothesis: { location, effect } }) =>
      chance >= SURE &&
      location.kind !== "behind" &&
      // What several targets have in common would take answers from all of them: what one alone has beside is its own.
      location.shared === undefined &&
      killsAll(effect),
  );
  if (there.length === 0 || !found.some(isBack)) return [...found];
  const killed = new Set<number>();
  for (const { hypothesis } of there) {
    for (const { flow, weight } of hitBy(scene, hypothesis.location, true)) {
      if (weight > CROSSES) killed.add(flow);
    }
  }
  const others = scene.counts.flatMap(({ failures, probes }, flow) =>
    failures === probes && failures > 0 && !killed.has(flow) ? [flow] : [],
  );
  const rowOf = (flows: Iterable<number>): number => {
    const rows = [...flows].map((flow) => scene.counts[flow]?.failures ?? 0).sort((a, b) => a - b);
    return rows[rows.length >> 1] ?? 0;
  };
  const flowsIn = (flows: Iterable<number>): number =>
    [...flows].reduce((sum, flow) => sum + (scene.counts[flow]?.alike ?? 1), 0);
  const all = flowsIn(scene.counts.keys());
  const gone = flowsIn(killed);
  const isAtOnce = Math.abs(rowOf(killed) - rowOf(others)) <= SAME_ONSET;
  const isItsShare = flowsIn(others) / Math.max(1, all - gone) <= MOST_OF_BACK * (gone / all);
  return isAtOnce && isItsShare ? found.filter((each) => !isBack(each)) : [...found];
}
