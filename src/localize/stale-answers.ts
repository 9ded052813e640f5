import type { FlowEvidence, HopAddress } from "./case.ts";
import { isDead } from "./counts.ts";
import { outermost } from "./merge-alike.ts";
import { readTrail } from "./sweep-end.ts";

/** Stands for the source, and for any next hop, where links are told by their hops' addresses; no address looks like these. */
const SOURCE = "source";
const ANY = "any";

/**
 * Leaves out flows that answered last before others began to die on a link that they cross: a target that is probed seldom, or whose
 * flows have not had their turn yet, shows what worked before the fault. That clears nothing, and would make some flows of a link look
 * spared that has died whole. Flows of which the times are not known stay.
 * @param target what stands for the destination in the flows' ways
 */
export function withoutStale(flows: readonly FlowEvidence[], target: string): FlowEvidence[] {
  const onsets = onsetsOf(flows, target);
  if (onsets.size === 0) return [...flows];
  return flows.filter(({ path, failures, probed_at: at }) => {
    if (failures > 0 || path === null || at === undefined) return true;
    return !linksOf(path).some(({ from, to }) => {
      const onset = outermost(Math.min, onsets.get(`${from} ${to}`), onsets.get(`${from} ${ANY}`));
      return onset !== undefined && onset > at;
    });
  });
}

/** By link when the first flow began to fail of those that die there or behind it, for all that their sweeps show. */
function onsetsOf(flows: readonly FlowEvidence[], target: string): Map<string, number> {
  const onsets = new Map<string, number>();
  for (const flow of flows) {
    const { failing_since: since } = flow;
    if (since === undefined || !isDead(flow)) continue;
    const { hops, complete, end } = readTrail(flow, target);
    if (end === null) continue;
    const last = end < 0 ? SOURCE : hops[end];
    const links = complete
      ? linksOf(hops).filter(({ at }) => at > end)
      : [{ from: last ?? SOURCE, to: ANY }];
    for (const { from, to } of links) {
      const key = `${from} ${to}`;
      onsets.set(key, outermost(Math.min, onsets.get(key), since) ?? since);
    }
  }
  return onsets;
}

/** The links from each hop that answers to the next one, with the index of the latter. */
function linksOf(hops: readonly HopAddress[]): { from: string; to: string; at: number }[] {
  let from = SOURCE;
  return hops.flatMap((to, at) => {
    if (to === null) return [];
    const link = { from, to, at };
    from = to;
    return [link];
  });
}
