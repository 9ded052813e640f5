import type { FlowEvidence, LocalizeCase } from "../localize/case.ts";
import type { Localization } from "../localize/localize.ts";
import { judge } from "../localize/verdict.ts";
import type { FlowCounts } from "./flow-window.ts";

/** A flow of which nobody asks more than its counts. */
const NOTHING_KNOWN: FlowEvidence = {
  bucket: 0,
  source_port: 0,
  path: null,
  seen: [],
  probes: 0,
  failures: 0,
  last_hop: "unknown",
};

/**
 * A target none of whose probes failed, as localisation looks at it: by the number of its probes alone. Most targets are like that most of the
 * time, so that their ways, hops and routers need not be put together.
 * @param target the address
 * @param counts of every flow that has any
 */
export function answeredCase(target: string, counts: readonly FlowCounts[]): LocalizeCase {
  const flows = counts.map(({ probes }) => ({ ...NOTHING_KNOWN, probes }));
  return { target, flows, known_links: [] };
}

/** What localisation says of such a target. */
export function allAnswered(input: LocalizeCase): Localization {
  return { ...judge(input, { effect: null, surest: null, end: null }), suspects: [] };
}
