import type { Localization } from "../localize/localize.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";
import { isMostlyRefused } from "./refusal.ts";

/** A target whose last valid probe ended longer ago than this, or than a few of its intervals, is not compared. */
const SILENT_FOR_MS = 60_000;
const SILENT_INTERVALS = 3;

/** What is known of a target that is compared with others. */
export interface ComparedTarget {
  /** What its own evidence says. */
  readonly found: Localization | undefined;
  readonly evidence: { readonly lastAt: number };
}

/**
 * Every target fails at once: the source is at fault rather than each of them. A target without a valid probe lately says
 * nothing about this host, neither good nor bad; one that refuses its probes shows that packets leave this host and come back.
 * @param found what the evidence of one of the targets says
 */
export function compareTargets(
  found: Localization,
  targets: ReadonlyMap<ProbedTarget, ComparedTarget>,
  now: number,
): Localization {
  if (found.verdict !== "target_down") return found;
  const addresses = new Set<string>();
  let failing = 0;
  for (const [probed, { found: other, evidence }] of targets) {
    const { target } = probed;
    const silentForMs = Math.max(SILENT_FOR_MS, SILENT_INTERVALS * probed.pacer.roundMs);
    if (now - evidence.lastAt > silentForMs) continue;
    if (other?.verdict !== "target_down" && other?.verdict !== "source_fault") return found;
    if (isMostlyRefused(probed)) return found;
    addresses.add(target.address.text);
    failing += 1;
  }
  if (addresses.size < 2) return found;
  const reason = `All ${failing} targets at ${addresses.size} addresses fail at once, so the fault is at or near this host. ${found.reason}`;
  return { verdict: "source_fault", reason, suspects: [] };
}
