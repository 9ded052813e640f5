import type { HopAddress } from "../localize/case.ts";
import type { Localization } from "../localize/localize.ts";
import type { Suspect } from "../localize/suspect.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";

/** Flows of other targets that are looked at for one suspect. */
const MOST_FLOWS = 4096;

/** What is known of a target whose flows may have passed a router. */
export interface PassingTarget {
  readonly evidence: {
    latestOf(flow: ProbedFlow): { readonly probed_at?: number; readonly failing_since?: number };
  };
  readonly topology: { of(flow: ProbedFlow): { readonly hops: readonly HopAddress[] } | undefined };
}

/**
 * A router drops whatever crosses it. Where flows of other targets pass it to another next hop while these flows fail, the link by which
 * they leave it is the likelier place, and the router an alternative: it may still drop what goes to this target.
 * @param found what the evidence of `target` says
 */
export function lessPassedRouters(
  found: Localization,
  target: ProbedTarget,
  targets: ReadonlyMap<ProbedTarget, PassingTarget>,
): Localization {
  if (!found.suspects.some(({ place }) => place === "router")) return found;
  const since = failingSince(target, targets.get(target));
  const suspects = found.suspects.map((suspect) => {
    const link = suspect.alternatives.find(
      ({ place, from, to }) => place === "link" && from === suspect.from && to === suspect.to,
    );
    // Of a link into a router the far end is the router itself.
    const leavesIt = suspect.place === "router" && suspect.to !== suspect.name;
    if (link === undefined || !leavesIt) return suspect;
    return isPassed(suspect, target, targets, since) ? instead(suspect, link) : suspect;
  });
  return { ...found, suspects };
}

/** When half of the flows that fail now had begun to; infinity where none fails. */
function failingSince({ flows }: ProbedTarget, own: PassingTarget | undefined): number {
  const times = flows.flatMap((flow) =>
    flow?.state === "failing" ? (own?.evidence.latestOf(flow).failing_since ?? []) : [],
  );
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.POSITIVE_INFINITY;
}

function instead(suspect: Suspect, link: Suspect["alternatives"][number]): Suspect {
  const { from, to, place, name, segment, alternatives, reason } = suspect;
  const others = alternatives.filter((other) => other !== link);
  return {
    ...suspect,
    ...link,
    reason: `${reason.replace(/\.$/, "")}; other targets' flows pass it to other hops.`,
    alternatives: [{ from, to, place, name, segment }, ...others],
  };
}

function isPassed(
  { from, to }: Suspect,
  target: ProbedTarget,
  targets: ReadonlyMap<ProbedTarget, PassingTarget>,
  since: number,
): boolean {
  let looks = 0;
  for (const [other, { evidence, topology }] of targets) {
    if (other === target || other.target.address.family !== target.target.address.family) continue;
    for (const flow of other.flows) {
      if (flow?.state !== "up") continue;
      looks += 1;
      const hops = topology.of(flow)?.hops ?? [];
      const at = hops.indexOf(from);
      const next = at < 0 ? null : (hops[at + 1] ?? null);
      // An answer of before the fault says nothing.
      if (next !== null && next !== to && (evidence.latestOf(flow).probed_at ?? since) > since)
        return true;
    }
    if (looks > MOST_FLOWS) return false;
  }
  return false;
}
