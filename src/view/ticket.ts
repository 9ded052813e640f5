import { answeredHops } from "./answered-hops.ts";
import { expectedNextHops } from "./expected-next-hop.ts";
import { placeWords } from "./place-words.ts";
import { readableText } from "./readable-text.ts";
import type { FlowView, TargetView } from "./target-view.ts";
import { count, endpoint, percent } from "./words.ts";

/** Flows of each kind that are listed: enough to see which differ, few enough to paste. */
const LISTED = 8;

/**
 * What a network team needs, as plain text to paste: times in UTC, 5-tuples that fail and that work, where they end, the
 * suspects, the loss, a trace of a failing and of a working flow, and how to see it by hand.
 * @param now milliseconds since the Unix epoch
 * @param since when it began or was first seen, as far as that is known
 * @returns undefined where nothing fails and nothing is suspected
 */
export function ticketText(view: TargetView, now: number, since?: number): string | undefined {
  const failing = view.flows.filter(({ state }) => state === "failing");
  if (failing.length === 0 && view.suspects.length === 0) return undefined;
  const working = view.flows.filter(({ state }) => state === "up");
  const { reproduce } = view;
  const answered = ({ seen }: FlowView): number => seen?.filter((hop) => hop !== null).length ?? 0;
  const [bad] = failing
    .filter((flow) => answered(flow) > 0 || flow.last_hop === "none")
    .sort((a, b) => answered(b) - answered(a));
  const good = working.find(({ path }) => path !== null);
  const lines = [
    `${view.protocol} to ${endpoint(view.address, view.port)}: ${titles[view.verdict] ?? "some flows fail"}`,
    "",
    `Time (UTC):  ${utc(now)}`,
    ...(since === undefined ? [] : [`Since (UTC): ${utc(since)}, or earlier`]),
    `From:        ${view.source ?? "unknown"}`,
    `To:          ${view.protocol} ${endpoint(view.address, view.port)} (${view.name})`,
    `Verdict:     ${view.verdict}: ${view.reason}`,
    ...suspectLines(view),
    `Flows:       ${failing.length} of ${view.flows.length} fail, ${working.length} work`,
    ...lossLines(view),
    "",
    ...tuples("5-tuples that fail", failing, view),
    "",
    ...tuples("5-tuples that work", working, view),
    ...way("Trace of a failing 5-tuple", bad, bad?.seen, bad && endOf(bad, view)),
    ...way("Trace of a working 5-tuple", good, pathOf(good, view), undefined),
    ...commands("Fails when run at the source", reproduce.failing),
    ...commands("Works when run at the source", reproduce.working),
    "",
    ...request(view, bad),
    "",
  ];
  return lines.map(readableText).join("\n");
}

const titles: Readonly<Record<string, string>> = {
  target_down: "every flow fails",
  path_fault: "fails on some of several equal-cost paths",
  path_loss: "packets are lost on some of several equal-cost paths",
};

function suspectLines({ suspects }: TargetView): string[] {
  return suspects.flatMap((suspect) => {
    const { segment, loss_ratio, confidence, reason, alternatives } = suspect;
    return [
      `Suspect:     ${placeWords(suspect)} (${segment}), ${percent(loss_ratio)} lost, confidence ${percent(confidence)}`,
      `             ${reason}`,
      ...alternatives.map(
        (other) => `             It may as well be ${placeWords(other)} (${other.segment}).`,
      ),
    ];
  });
}

/** Loss of the last five minutes, of all flows together and on the links that lose some. */
function lossLines({ paths, links }: TargetView): string[] {
  const probes = paths.reduce((sum, path) => sum + path.probes, 0);
  const failures = paths.reduce((sum, path) => sum + path.failures, 0);
  const worst = links
    .filter((link) => link.failures > 0)
    .sort((a, b) => b.failures / b.probes - a.failures / a.probes)
    .slice(0, LISTED);
  return [
    ...(failures === 0
      ? []
      : [
          `Loss:        ${percent(failures / probes)} of ${probes} probes on known paths, in five minutes`,
        ]),
    ...worst.map(
      (link) =>
        `             ${percent(link.failures / link.probes)} of ${link.probes} across ${link.from ?? "the source"} to ${link.to}`,
    ),
  ];
}

function tuples(title: string, flows: readonly FlowView[], view: TargetView): string[] {
  const rest = flows.length - LISTED;
  return [
    `${title} (${flows.length}):`,
    ...flows.slice(0, LISTED).map((flow) => {
      const tuple = `${view.protocol} ${endpoint(view.source, flow.source_port)} > ${endpoint(view.address, view.port)}`;
      if (flow.state === "up") return `  ${tuple}`;
      const next = flow.last_hop === view.address ? [] : expectedNextHops(flow, view.paths);
      const expected = next.length === 0 ? "" : `, expected next ${next.join(" or ")}`;
      return `  ${tuple}  ${flow.last_result}, last hop ${flow.last_hop}${expected}`;
    }),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

function pathOf(
  flow: FlowView | undefined,
  { paths }: TargetView,
): readonly (string | null)[] | undefined {
  return paths.find(({ id }) => id === flow?.path)?.hops;
}

/** What comes behind the last hop that answered the trace of a failing flow; undefined where the target did. */
function endOf({ last_hop, last_result }: FlowView, { address }: TargetView): string | undefined {
  if (last_result === "refused") return undefined;
  return last_hop === address
    ? "the target answered: what is lost comes and goes"
    : "no answer from here on";
}

/** @param end of a trace that did not get through, or not as a probe should */
function way(
  title: string,
  flow: FlowView | undefined,
  hops: readonly (string | null)[] | undefined,
  end: string | undefined,
): string[] {
  if (flow === undefined || hops === undefined) return [];
  const shown = answeredHops(hops);
  const line = (ttl: number, text: string): string => `  ${String(ttl).padStart(2)}  ${text}`;
  return [
    "",
    `${title} (source port ${flow.source_port}, by TTL):`,
    ...shown.map((hop, at) => line(at + 1, hop ?? "*")),
    ...(end === undefined ? [] : [line(shown.length + 1, end)]),
  ];
}

function commands(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** What the network team is asked to look at. */
function request({ verdict, suspects }: TargetView, bad: FlowView | undefined): string[] {
  const last = bad?.last_hop ?? "the last hop";
  const [first] = suspects;
  if (verdict === "target_down") {
    return [`Every 5-tuple fails; the last responding hop is ${last}.`];
  }
  if (first !== undefined && first.segment !== "forward") {
    return [
      `The way there works up to ${last}. Please look at the way back, which other routers hash over the reversed 5-tuple,`,
      "and at the host or load balancer that answers.",
    ];
  }
  if (verdict === "path_loss") {
    return [
      "Please look at the error and drop counters at both ends of the suspected link, of every member of a bundle by itself",
      "(CRC, FEC, input errors, output drops).",
    ];
  }
  const more = count(suspects.length, "place");
  return [
    `Packets of these 5-tuples die at or behind ${suspects.length > 1 ? `${more} named above` : last}, others to the same address pass. Routers choose the`,
    "path by a hash over the 5-tuple, so the same 5-tuple fails every time. Please look at what is specific to that next hop",
    "(FIB or hardware entry, optics, MTU, an access list on one line card), and do not test with ping alone: it is one flow.",
  ];
}

function utc(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}
