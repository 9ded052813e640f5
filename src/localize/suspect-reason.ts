import { type Counts, flowsOf } from "./counts.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { Member } from "./member.ts";
import type { certainDirection } from "./one-way-direction.ts";
import type { SuspectPlace } from "./suspect-place.ts";

/** How many flows show a fault, those of one row each counted. */
interface FlowsOfPlace {
  /** Flows that fail and are held to meet it. */
  readonly failing: number;
  /** Those of them that are known to: by their way, or by a trace that got there. */
  readonly known: number;
}

/** What is seen of a fault behind the last router, as the beginning of a sentence. @param flows all of the target */
export function behindReason(
  { effect }: Hypothesis,
  { place }: SuspectPlace,
  { failing, known }: FlowsOfPlace,
  flows: number,
): string {
  const which = failing === flows ? `all ${flows} flows` : `${failing} of ${flows} flows`;
  if (place === "endpoint") {
    return `${which} lose packets, whichever links they cross, as when the target answers only so many probes a second`;
  }
  const what = effect.kind === "dead" ? "fail" : "lose packets";
  if (known >= failing) return `${which} ${what} behind the last router they reach`;
  return `${which} ${what}, traces of ${known === 0 ? "none" : known} of them got to the last router`;
}

/** Where a suspect is, as part of a sentence. */
export function likeliestPlace({ from, to, place, name }: Omit<SuspectPlace, "segment">): string {
  const link = `${from ?? "the source"} to ${to ?? "the silent or unknown hop behind it"}`;
  if (place === "router") return `the likeliest place is the router ${name} (${link})`;
  if (place === "bundle") return `the likeliest place is a member of the bundle ${link}`;
  return `the likeliest place is ${link}`;
}

/** What is seen of a fault on the way there, as the beginning of a sentence. @param crossing flows that may meet it, whether they fail or not */
export function forwardReason(
  { location, effect, share, loss }: Hypothesis,
  { from, to, place, name }: SuspectPlace,
  { failing, known }: FlowsOfPlace,
  crossing: number,
): string {
  const link = `the link ${from ?? "source"} to ${to ?? "the silent or unknown hop behind it"}`;
  const where = place === "router" ? `the router ${name}` : link;
  if (effect.kind === "loss") {
    const part =
      effect.extent === "share" ? ` on about ${Math.round(share * 100)} % of its flows` : "";
    return `${where} loses about ${Math.round(loss * 100)} % of the packets${part}, ${failing} of its ${crossing} flows show it`;
  }
  if (effect.extent === "share" && location.kind === "beyond" && place === "beyond") {
    return `${failing} of ${crossing} flows fail behind ${from ?? "the source"}, whichever link they took there while they worked`;
  }
  if (effect.extent === "all") {
    if (known >= failing) return `every flow across ${where} fails, ${failing} of ${failing}`;
    return known === 0
      ? `${failing} flows fail that may cross ${where}, none is known to`
      : `every flow known to cross ${where} fails, ${known} of ${known}, and ${failing - known} more fail that may cross it`;
  }
  if (place === "beyond") {
    return `${failing} of ${crossing} flows fail behind ${from ?? "the source"}, at a hop that is silent or unknown`;
  }
  return `${failing} of ${crossing} flows across ${where} fail, as when one of several parallel members is broken`;
}

/** What the target's own counts have shown, as the end of a sentence. */
export function shown(known: ReturnType<typeof certainDirection>): string {
  if (known === undefined) return "";
  const what =
    known.direction === "forward"
      ? "never reached the target"
      : "reached the target, which answered";
  return `, and by the target's own count ${known.losses} of the packets lost last ${what}`;
}

/** The counts of a location's flows. */
export function rowsOf(counts: readonly Counts[], members: readonly Member[]): Counts[] {
  return members.map(({ flow }) => counts[flow]).filter((row) => row !== undefined);
}

/** The counts of the flows that show a fault, and of the others, as the end of a sentence. */
export function tally(counts: readonly Counts[], hit: readonly Member[]): string {
  let failures = 0;
  let probes = 0;
  for (const row of rowsOf(counts, hit)) {
    failures += row.alike * row.failures;
    probes += row.alike * row.probes;
  }
  const works = flowsOf(
    counts.filter(({ failures: lost, probes: sent }) => sent > 0 && lost === 0),
  );
  return `they lost ${failures} of ${probes} probes, ${works} other flows lost none`;
}
