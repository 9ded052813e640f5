import type { FlowEvidence, HopAddress } from "./case.ts";

/** What the sweeps of one flow, healthy and failing, say together. */
export interface Trail {
  /** Hops by TTL up to and with the destination, or as far as the failing sweep got. */
  readonly hops: readonly HopAddress[];
  /** Whether `hops` leads to the destination. */
  readonly complete: boolean;
  /** Whether `hops` was learnt while the flow was healthy. */
  readonly learnt: boolean;
  /** Index of the hop where the failing sweep ended, -1 when no hop answered, null when it was not swept. */
  readonly end: number | null;
  /** By index of `hops`: whether the failing sweep was answered there; all false without a sweep. */
  readonly answered: readonly boolean[];
  /** How many flows alike it stands for. */
  readonly alike: number;
  /** The destination has answered the flow, though it fails: whatever is on its way passes it. */
  readonly refused: boolean;
}

/**
 * Merges the path of a flow while it was healthy with its failing sweep. A hop missing from one is filled in from the other; where
 * they contradict each other the path has changed, and only the failing sweep counts.
 */
export function readTrail(flow: FlowEvidence, target: string): Trail {
  const seen = flow.failures > 0 ? upTo(target, flow.seen) : [];
  const healthy = flow.path === null ? null : toTarget(target, flow.path);
  const last = seen.findLastIndex((hop) => hop !== null);
  const { alike = 1, refused = false } = flow;
  if (healthy === null || seen.some((hop, i) => differs(hop, healthy[i], i >= healthy.length))) {
    const mute = flow.failures > 0 && flow.last_hop === "none" && !refused;
    const end = last >= 0 ? last : mute ? -1 : null;
    const hops = seen.slice(0, last + 1);
    return {
      hops,
      complete: last >= 0 && seen[last] === target,
      learnt: false,
      end,
      answered: hops.map((hop) => hop !== null),
      alike,
      refused,
    };
  }
  const hops = healthy.map((hop, i) => hop ?? seen[i] ?? null);
  if (refused) {
    const answered = hops.map(() => true);
    return { hops, complete: true, learnt: true, end: hops.length - 1, answered, alike, refused };
  }
  const end = last >= 0 ? last : endByName(flow, hops);
  const answered = hops.map((_, i) =>
    last >= 0 ? (seen[i] ?? null) !== null : end !== null && i <= end,
  );
  return { hops, complete: true, learnt: true, end, answered, alike, refused };
}

/** The end of a sweep of which only the last hop's name is recorded. */
function endByName(flow: FlowEvidence, hops: readonly HopAddress[]): number | null {
  if (flow.failures === 0) {
    return null;
  }
  if (flow.last_hop === "none") {
    return -1;
  }
  const at = hops.indexOf(flow.last_hop);
  // The destination is also what a flow that answers again has as its last hop: no end of a failing sweep.
  const answersAgain = at === hops.length - 1 && flow.failures < flow.probes;
  return at < 0 || answersAgain ? null : at;
}

function differs(seen: HopAddress, healthy: HopAddress | undefined, beyond: boolean): boolean {
  return seen !== null && (beyond || (healthy !== null && seen !== healthy));
}

function upTo(target: string, hops: readonly HopAddress[]): readonly HopAddress[] {
  const at = hops.indexOf(target);
  return at < 0 ? hops : hops.slice(0, at + 1);
}

function toTarget(target: string, hops: readonly HopAddress[]): readonly HopAddress[] {
  const cut = upTo(target, hops);
  return cut.at(-1) === target ? cut : [...cut, target];
}
