import type { Localization } from "../localize/localize.ts";
import { likeliestPlace } from "../localize/suspect-reason.ts";
import type { FailureReason } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { NOTHING_FOUND } from "./hysteresis.ts";
import { rateLimitWords } from "./rate-limit-verdict.ts";

/** What each kind of failure means, where all flows that fail do so by it. */
const MEANINGS: Readonly<Record<FailureReason, (target: ProbedTarget["target"]) => string>> = {
  timeout: ({ timeoutMs }) => `no answer within ${timeoutMs / 1000} s`,
  refused: ({ port }) =>
    `every probe is refused: the network works up to the target, nothing listens on port ${port}`,
  unreachable: () => "a router or the target answers that the destination is unreachable",
  prohibited: () => "a filter answers that the traffic is administratively prohibited",
  unfinished: ({ protocol }) =>
    protocol === "tcp"
      ? "the server keeps repeating its SYN-ACK: what follows a SYN does not get there"
      : "answers get to this host, which does not take them",
  ttl_exceeded: () => "packets run in a routing loop: their TTL is exceeded",
};

/** What a refusal means where other flows work. */
const PARTLY_REFUSED =
  "each is refused: the network works up to the target, and something there lets only the others in, as when one of several servers behind the address has no service";

/**
 * The finding that stands, with a reason that is true at this moment: what is said of flows that fail is counted from
 * their states, as the API shows them beside it, and never from an earlier look. Counts over the last five minutes are
 * kept where the verdict rests on them (loss).
 */
export function withReasonNow(standing: Localization, target: ProbedTarget): Localization {
  const { rateLimit } = target;
  const unfollowed = unfollowedWords(target);
  const sentences = [reasonNow(standing, target)];
  if (rateLimit?.proven) sentences.push(rateLimitWords(rateLimit));
  if (unfollowed !== undefined) sentences.push(unfollowed);
  return { ...standing, reason: sentences.join(" ") };
}

function reasonNow(standing: Localization, target: ProbedTarget): string {
  const flows = target.flows.filter((flow) => flow !== undefined);
  const failing = flows.filter(({ state }) => state === "failing");
  const up = flows.filter(({ state }) => state === "up").length;
  const fail = `${failing.length} of ${flows.length} flows fail now`;
  const how = howTheyFail(failing, target);
  switch (standing.verdict) {
    case "healthy":
      if (failing.length === 0) return standing.reason;
      return `${fail} (${how}), ${up} work; a fault is not confirmed yet.`;
    case "path_fault":
      if (failing.length === 0) {
        return `No flow fails now; that the fault is over is not confirmed yet${place(standing)}.`;
      }
      return `${fail} (${how}), ${up} work${place(standing)}.`;
    case "target_down":
      if (up === 0 && failing.length > 0 && failing.length < flows.length) {
        return `${fail} (${how}), none works; the others have no result yet.`;
      }
      if (failing.length === 0) {
        return "No flow fails now; that the target is up again is not confirmed yet.";
      }
      // It has just gone down, or has just come back: the flows tell in their turns.
      if (failing.length < flows.length) {
        return `${fail} (${how}), ${up} were answered when they were probed last.`;
      }
      return `Every flow fails: ${how}${standing.suspects.length === 0 ? "" : place(standing)}.`;
    case "indeterminate":
      if (standing === NOTHING_FOUND && failing.length + up > 0) {
        const kinds = failing.length === 0 ? "" : ` (${how})`;
        return `${fail}${kinds}, ${up} work; what that means is not confirmed yet.`;
      }
      return `${standing.reason} ${fail}${failing.length === 0 ? "" : ` (${how})`}.`;
    case "path_loss":
    case "source_fault":
      return `${standing.reason} ${fail}${failing.length === 0 ? "" : ` (${how})`}.`;
  }
}

/** What flows that fail now have in common, or how many fail in which way; empty where none does. */
function howTheyFail(failing: readonly ProbedFlow[], { target, flows }: ProbedTarget): string {
  const counts = new Map<FailureReason, number>();
  for (const { last } of failing) {
    if (last?.kind === "failed") counts.set(last.reason, (counts.get(last.reason) ?? 0) + 1);
  }
  const kinds = [...counts].sort(([, a], [, b]) => b - a);
  const [only] = kinds;
  if (only !== undefined && kinds.length === 1) {
    if (only[0] === "unreachable") return unreachable(failing, target);
    const isPart = flows.some((flow) => flow?.state === "up");
    return only[0] === "refused" && isPart ? PARTLY_REFUSED : MEANINGS[only[0]](target);
  }
  return kinds.map(([reason, count]) => `${count} by ${reason}${aside(reason)}`).join(", ");
}

/** What a reason that says more than its name says. */
function aside(reason: FailureReason): string {
  return reason === "ttl_exceeded" ? ": packets run in a routing loop" : "";
}

/** Who answers that the destination is unreachable, where it is one address, and what to do if it is the target's own. */
function unreachable(failing: readonly ProbedFlow[], target: ProbedTarget["target"]): string {
  const responders = new Set(
    failing.map(({ last }) => (last?.kind === "failed" ? last.responder?.text : undefined)),
  );
  const [responder] = responders;
  if (responders.size !== 1 || responder === undefined) return MEANINGS.unreachable(target);
  const said = `${responder} answers that the destination is unreachable`;
  const elsewhere = responder !== target.address.text;
  return elsewhere && target.protocol === "udp" && target.payload === undefined
    ? `${said}; if that is an address of the target, name it in accept_from`
    : said;
}

/** That flows do not leave this host by the way of its connections, and why; undefined where all do. */
function unfollowedWords({ flows, target }: ProbedTarget): string | undefined {
  const reasons = flows.flatMap((flow) => flow?.way?.unfollowed ?? []);
  const [first] = reasons;
  if (first === undefined) return undefined;
  const total = flows.filter((flow) => flow !== undefined).length;
  const what = target.method === "connect" ? "traces say" : "this says";
  return `For ${reasons.length} of ${total} flows ${what} nothing about connections. ${first}`;
}

function place({ suspects: [surest] }: Localization): string {
  return `; ${surest === undefined ? "the place cannot be told" : likeliestPlace(surest)}`;
}
