import type { HopAddress } from "../localize/case.ts";
import type { Suspect } from "../localize/suspect.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { Evidence } from "./evidence.ts";

/** Where flows go, as far as it is known. */
export type HopsOf = (flow: ProbedFlow) => readonly HopAddress[] | undefined;

/**
 * Forgets the failures of faults that are over: those of each suspect by the flows that cross it and no other, and all
 * of them at once when nothing fails any more, for faults that have no suspect or whose suspects leave flows out.
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
    return { flow, crossed: suspects.filter((each) => hops === undefined || crosses(hops, each)) };
  });
  for (const suspect of suspects) {
    const own = byFlow.filter(({ crossed }) => crossed.length === 1 && crossed[0] === suspect);
    evidence.healed(
      own.map(({ flow }) => flow),
      suspect.loss_ratio,
    );
  }
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
