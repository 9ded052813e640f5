// What the head of a target's page says in numbers. Plain data in, plain data out.
import { dateTime, percent } from "./text.js";

/** Terms with their values; the target as `/api/v1/targets/NAME` gives it. @returns {[string, string][]} */
export function targetFacts({ flows, coverage, success_ratio: success, changed_at: changedAt }) {
  const failing = flows.filter(({ state }) => state === "failing").length;
  return [
    ["Flows failing", `${failing} of ${flows.length}`],
    ["Success, five minutes", percent(success)],
    ["Verdict since", changedAt == null ? "the exporter's start" : dateTime(changedAt)],
    ["Paths", String(coverage.paths)],
    ["No path left unseen", percent(coverage.confidence)],
  ];
}
