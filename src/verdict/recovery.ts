import type { HopAddress } from "../localize/case.ts";
import { pushTo } from "../localize/multimap.ts";
import type { Suspect } from "../localize/suspect.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { Evidence } from "./evidence.ts";

/** Where flows go, as far as it is known. */
export type HopsOf = (flow: ProbedFlow) => readonly HopAddress[] | undefined;

/**
 * Chance that loss which goes on passes for over by the flows of one link, while others fail. Every link that loses crosses others with a part of
 * its flows, so that many such parts are looked at.
 */
const LINK_CHANCE = 1e-4;

/**
 * Forgets the failures of faults that are over: those of each suspect by the flows that cross it and no other, and all
 * of them at once when nothing fails any more, for faults that have no suspect or whose suspects leave flows out. Where a fault has followed
 * another, what is over of the one before shows on links that the new one spares.
 * @param suspects of the last assessment
 */
export function forgetRecovered(
  evidence: Evidence,
  suspects: readonly Suspect[],
  hopsOf: HopsOf,
  now: number,
): void {
  if (!evidence.mayHaveFailures) return;
  const counts = evidence.counts(now);
  if (![...counts.values()].some(({ failures }) => failures > 0)) return;
  const flows = [...counts.keys()];
  if (evidence.healed(flows)) return;
  const byFlow = flows.map((flow) => {
    const hops = hopsOf(flow);
    const crossed = suspects.filter((each) => hops === undefined || crosses(hops, each));
    return { flow, isKnown: hops !== undefined, crossed };
  });
  const known = byFlow.filter(({ isKnown }) => isKnown);
  for (const suspect of suspects) {
    const own = byFlow.filter(({ crossed }) => crossed.length === 1 && crossed[0] === suspect);
    // What was never seen to fail, and whose way is not known, crosses it as often as others do: after a rotation that is every flow.
    const isOpen = ({ flow, isKnown }: (typeof own)[number]): boolean =>
      !isKnown && counts.get(flow)?.failures === 0;
    const crossing = known.filter(({ crossed }) => crossed.includes(suspect));
    const share = known.length === 0 ? 1 : crossing.length / known.length;
    const open = own.filter(isOpen).flatMap(({ flow }) => evidence.windows.get(flow) ?? []);
    evidence.healed(
      own.filter((each) => !isOpen(each)).map(({ flow }) => flow),
      {
        lossRatio: suspect.loss_ratio,
        byOthers: (since) =>
          share * open.reduce((sum, window) => sum + window.answeredAfter(since), 0),
      },
    );
  }
  for (const crossing of flowsByLink(flows, hopsOf).values()) {
    evidence.healed(crossing, { most: LINK_CHANCE });
  }
}

/** By link, the flows that are known to cross it. */
function flowsByLink(
  flows: readonly ProbedFlow[],
  hopsOf: HopsOf,
): ReadonlyMap<string, readonly ProbedFlow[]> {
  const byLink = new Map<string, ProbedFlow[]>();
  for (const flow of flows) {
    hopsOf(flow)?.forEach((hop, at, hops) => {
      const before = at === 0 ? null : (hops[at - 1] ?? null);
      if (hop !== null && (at === 0 || before !== null)) pushTo(byLink, `${before} ${hop}`, flow);
    });
  }
  return byLink;
}

/** Whether a path crosses a suspect, of a router any link of it; ends that are not known fit any. */
function crosses(
  hops: readonly HopAddress[],
  { from, to, place, name }: Pick<Suspect, "from" | "to" | "place" | "name">,
): boolean {
  if (place === "router" && hops.includes(name)) return true;
  const start = from === null ? -1 : hops.indexOf(from);
  if (from !== null && start < 0) return false;
  return to === null || hops.indexOf(to, start + 1) > start;
}
