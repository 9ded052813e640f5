import type { LocalizeCase } from "../localize/case.ts";
import type { Localization } from "../localize/localize.ts";
import { judgeCounts } from "../localize/verdict.ts";
import type { AnsweredCounts } from "./answered-tally.ts";

/**
 * A target none of whose probes failed, as other targets are told of it: nothing of its flows counts there. Most targets are like that most
 * of the time, so that their ways, hops and routers need not be put together.
 * @param target the address
 */
export function answeredCase(target: string): LocalizeCase {
  return { target, flows: [], known_links: [] };
}

/** What localisation says of such a target. */
export function allAnswered({ probes, flows }: AnsweredCounts): Localization {
  const counts = { probes, failures: 0, flows, failing: 0, dead: 0 };
  return { ...judgeCounts(counts, { effect: null, surest: null, end: null }), suspects: [] };
}
