import type { Localization } from "../localize/localize.ts";
import type { EndpointRateLimit, ProbedTarget } from "../probe/probed-flow.ts";

/** That the endpoint answers so many probes a second and no more, as a sentence or two. */
export function rateLimitWords({ perSecond, proven }: EndpointRateLimit): string {
  const answers = `about ${Number(perSecond.toPrecision(2))} probes a second, whichever flow they are of`;
  return proven
    ? `The target, or a firewall in front of it, limits the rate of its answers: ${answers}. It is probed at half of that for now.`
    : `The target answers ${answers}, as if it or a firewall in front of it limited the rate of its answers. Probing has slowed down to see whether that is so.`;
}

/**
 * While it is tried whether the endpoint limits its answers nothing is said of paths; nor until all flows that failed
 * before it was asked more slowly have been probed again.
 */
export function answersTooSlowly({ rateLimit, flows }: ProbedTarget): Localization | undefined {
  if (rateLimit === undefined) return undefined;
  const { since, proven } = rateLimit;
  const untried = flows.some((flow) => flow?.state === "failing" && flow.sentAt < since);
  if (proven && !untried) return undefined;
  const reason = proven
    ? "Flows failed while the target was asked too fast; they are being probed again."
    : rateLimitWords(rateLimit);
  return { verdict: "indeterminate", reason, suspects: [] };
}
