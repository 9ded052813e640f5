import { asTold } from "./as-told.ts";
import { asOthersShow } from "./back-of-shared.ts";
import { withoutOwnAnswers } from "./both-ways.ts";
import type { FlowEvidence, LocalizeCase } from "./case.ts";
import { hasFailures, isDead } from "./counts.ts";
import { asCountsShow } from "./counts-alone.ts";
import { killsAll } from "./effect.ts";
import { CROSSES, chanceOfDeathAt } from "./member.ts";
import { mergeAlike } from "./merge-alike.ts";
import { TARGET } from "./network.ts";
import { asOneLink } from "./one-link.ts";
import { areRefusedForGood, refusedAsWorking, refusedOfOutage, refusing } from "./refused-flows.ts";
import type { Scene } from "./scene.ts";
import { withoutSharedAddresses } from "./shared-addresses.ts";
import { NOTHING_SHARED, type SharedKnowledge } from "./shared-fault.ts";
import { type Found, solve } from "./solve.ts";
import { amongSpread, spreadNote, withoutSpreadHops } from "./spread-packets.ts";
import { describeHypothesis, describePlace, hitBy, type Suspect } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";
import { isEvenLoss } from "./uneven-loss.ts";
import { type Findings, judge, type Verdict } from "./verdict.ts";
import { withWholeRouters } from "./whole-routers.ts";

/** What one window of a target's flows says. */
export interface Localization {
  readonly verdict: Verdict;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly suspects: readonly Suspect[];
}

/** Suspects less sure than this are not named. */
const LEAST_CONFIDENCE = 0.03;
/** From this confidence on a suspect is sure. */
const SURE = 0.9;
/** Suspects less sure than this are not named beside a sure one: what that leaves over is most often its own. Set by hand (2026-11). */
const LEAST_BESIDE = 0.25;

/** An endpoint, or a place of all flows, that loses the same part of all is not named with less: a router that many of them cross is likelier. Set by hand (2026-12). */
const LEAST_OF_EVEN = 0.4;

/** So many faults at once are rare: nobody is surer of any of them than this. Set by hand (2026-11). */
const MANY = 3;
const MOST_OF_MANY = 0.8;

/** Losses that differ by more are two faults': those of one do not, with the probes that a window has. Set by hand (2026-11). */
const LIKE_LOSS = 0.1;

const NOTHING: Findings = { effect: null, surest: null, end: null };

/**
 * Says from the counts of all flows and the ends of the failing sweeps where a target's packets die. Pure; costs
 * little while nothing fails.
 */
export function localize(input: LocalizeCase, shared?: SharedKnowledge): Localization {
  return atOnce(localizeInSteps(input, shared));
}

/** Takes all steps in one go. */
export function atOnce<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

/**
 * The same in steps of a few milliseconds, for a caller that has other work in between.
 * @param shared what the flows of other targets have shown; nothing unless given
 * @param told places that have been told of this target for a while
 */
export function* localizeInSteps(
  input: LocalizeCase,
  shared: SharedKnowledge = NOTHING_SHARED,
  told: readonly SuspectPlace[] = [],
): Generator<undefined, Localization> {
  const raw = { ...input, flows: input.flows.filter(({ probes }) => probes > 0) };
  const apart = withoutSharedAddresses(withoutSpreadHops(raw));
  const { input: probed, paths } = withWholeRouters(apart, shared.paths);
  if (probed.flows.every(({ failures }) => failures === 0)) {
    return { ...judge(probed, NOTHING), suspects: [] };
  }
  const refuser = refusing(probed);
  const isRefused = refuser !== null && areRefusedForGood(probed.flows);
  const others = refuser === null ? refusedOfOutage(probed.flows) : refusedAsWorking(probed.flows);
  const solution = yield* solve({ ...probed, flows: mergeAlike(others) }, { ...shared, paths });
  if (solution === null) {
    const effect = isRefused ? ("dead" as const) : ("loss" as const);
    const surest = refuser === null ? NOTHING : { effect, surest: refuser, end: null };
    return { ...judge(probed, surest), suspects: refuser === null ? [] : [refuser] };
  }
  const { scene, outage } = solution;
  const { found: all } = solution;
  const own = asCountsShow(scene, all, withoutOwnAnswers(scene, all, shared));
  const found = asOneLink(scene, asTold(scene, asOthersShow(scene, own, shared), told));
  if (outage !== null) {
    const { source, suspects } = outage;
    const end = source ? "source" : "target";
    return { ...judge(probed, { effect: null, surest: suspects[0] ?? null, end }), suspects };
  }
  const placed = isPlaced(probed);
  const least = leastOf(found);
  const named = toldAlike(scene, found)
    .filter((each) => each.chance >= least && isShown(scene, each))
    .filter(({ hypothesis }) => placed || hypothesis.location.shared !== undefined)
    .filter((each, _, all) => isMet(scene, each, all) && isParted(scene, each))
    .filter((each) => !isContradicted(scene, each) && isEven(scene, each))
    .filter((each, _, all) => isCrossed(scene, each) || !all.some((one) => isCrossed(scene, one)))
    .map(({ hypothesis, ...sure }) => describeHypothesis(scene, hypothesis, sure))
    // Flows that it has refused before and not now look as if they lost a part there.
    .filter(({ place }) => refuser === null || place !== "endpoint");
  const suspects = lessSure([
    ...amongSpread(raw, distinct(named, scene)),
    ...(refuser === null ? [] : [refuser]),
  ]);
  const note = spreadNote(raw, suspects);
  const kills = found.some(({ hypothesis }) => hypothesis.effect.kind === "dead");
  const isDead = note === "" && (kills || isRefused);
  const effect = found.length === 0 && refuser === null ? null : isDead ? "dead" : "loss";
  const judgement = judge(probed, { effect, surest: suspects[0] ?? null, end: null });
  return { ...judgement, reason: judgement.reason + note, suspects };
}

/** Where several places are told at once, the network may be another than its answers show, and the one fault somewhere else. */
function lessSure(suspects: readonly Suspect[]): readonly Suspect[] {
  if (suspects.length < MANY) return suspects;
  return suspects.map((each) => ({ ...each, confidence: Math.min(MOST_OF_MANY, each.confidence) }));
}

/** Confidence that a suspect must have to be named. */
function leastOf(found: readonly Found[]): number {
  return found.some(({ chance }) => chance >= SURE) ? LEAST_BESIDE : LEAST_CONFIDENCE;
}

/**
 * Silent places behind one hop are told as one once any of them is told as no more than behind that hop, or several are: what answers behind
 * them then shows where one silent router leads to.
 */
function toldAlike(scene: Scene, found: readonly Found[]): Found[] {
  const wideOf = ({ hypothesis: { location, effect } }: Found) =>
    describePlace(scene, location, effect, true);
  const silent = new Set<string | null>();
  const leading = new Set<string | null>();
  for (const each of found) {
    const { location, effect } = each.hypothesis;
    const { from, to, place } = describePlace(scene, location, effect, each.wide);
    const isDeadSilence = location.kind === "silent" && killsAll(effect);
    const isBehind = to === null && place !== "router";
    if (isBehind || (isDeadSilence && leading.has(from))) silent.add(from);
    if (isDeadSilence) leading.add(from);
  }
  return found.map((each) => {
    const { from, to } = wideOf(each);
    return to === null && silent.has(from) ? { ...each, wide: true } : each;
  });
}

/** Whether anything is known of where flows go; counts alone accuse nobody. */
function isPlaced({ flows }: LocalizeCase): boolean {
  return flows.some(
    ({ path, seen, last_hop }) => path !== null || seen.length > 0 || last_hop !== "unknown",
  );
}

/**
 * Whether a failing flow is likely to cross the place, or other targets' flows have shown it. One that none is likely to
 * cross is left over: it makes up for flows whose way is not known, as far as the others leave them unexplained.
 */
function isCrossed(scene: Scene, { hypothesis: { location, effect } }: Found): boolean {
  if (location.shared !== undefined) return true;
  const kills = killsAll(effect);
  return hitBy(scene, location, effect.kind === "dead").some(
    (member) => (kills ? chanceOfDeathAt(member) : member.weight) > 0.2,
  );
}

/** Whether it is no endpoint, or place of all flows, that may as well be a lossy router or cable which many flows cross. */
function isEven({ counts }: Scene, { hypothesis, chance }: Found): boolean {
  return !isEvenLoss(hypothesis, counts) || chance >= LEAST_OF_EVEN;
}

/** Whether it is a broken way back of flows most of which are known to get answers. */
function isContradicted(scene: Scene, { hypothesis: { location, effect } }: Found): boolean {
  if (location.kind !== "behind" || effect.extent === "all") return false;
  const hit = hitBy(scene, location, effect.kind === "dead");
  const answered = hit.filter(({ flow }) => scene.input.flows[flow]?.unfinished === true);
  return 2 * answered.length > hit.length;
}

/**
 * Whether a failing flow of which anything is known may cross the place, one that does not die at a surer one, or other targets'
 * flows have shown it. Flows that were neither seen healthy nor swept go anywhere: that no healthy flow has crossed a link lately does
 * not show that they do.
 */
function isMet(scene: Scene, found: Found, all: readonly Found[]): boolean {
  const { location, effect } = found.hypothesis;
  if (location.kind === "behind" || location.shared !== undefined) return true;
  const dead = new Set<number>();
  for (const { chance, hypothesis } of all) {
    if (chance <= found.chance || !killsAll(hypothesis.effect)) continue;
    for (const { flow, weight } of hypothesis.location.members)
      if (weight > CROSSES) dead.add(flow);
  }
  return hitBy(scene, location, effect.kind === "dead").some(({ flow }) => {
    const { path = null, last_hop = "unknown" } = scene.input.flows[flow] ?? {};
    return !dead.has(flow) && (path !== null || last_hop !== "unknown");
  });
}

/**
 * Whether a link of which some flows are said to work, and others to fail, is known to be crossed by some of both. Flows that were never
 * traced, or whose sweep ended before the link, may go anywhere else, by links that nobody has seen yet: that does not make a
 * bundle of this one.
 */
function isParted(scene: Scene, { hypothesis: { location, effect } }: Found): boolean {
  const { kind, shared, members } = location;
  const isLink = kind === "link" || kind === "silent" || kind === "bundle";
  if (!isLink || effect.extent === "all" || shared !== undefined) return true;
  const crossing = members.flatMap(({ flow, weight }) =>
    weight > CROSSES ? (scene.input.flows[flow] ?? []) : [],
  );
  const works = (flow: FlowEvidence): boolean =>
    effect.kind === "dead" ? (flow.streak ?? Number(isDead(flow))) === 0 : flow.failures === 0;
  return (
    crossing.some(({ failures }) => failures > 0) &&
    crossing.some((flow) => flow.path !== null && works(flow))
  );
}

/**
 * Whether the place has been shown. That a flow dies behind the last router only its sweep can tell: one that has not been
 * swept dies somewhere that is not known yet, be it that no place on the way there fits. Hops that have gone silent show it as well. Of flows
 * that lose a part their ways tell, which others cross without loss.
 */
function isShown(scene: Scene, { hypothesis }: Found): boolean {
  const { input, network, routes, counts } = scene;
  const { location, effect } = hypothesis;
  if (location.kind !== "behind" || effect.extent === "all" || location.picked > 0) return true;
  if (effect.kind === "loss" && areKnown(scene, hitBy(scene, location, false))) return true;
  if (input.flows.some((flow) => flow.failures > 0 && flow.last_hop === input.target)) return true;
  return routes.some(
    ({ end }, flow) => end !== null && hasFailures(counts, flow) && network.leadsToTarget(end),
  );
}

/** Whether the ways of most of these flows are known. */
function areKnown({ input }: Scene, members: readonly { readonly flow: number }[]): boolean {
  const flows = members.map(({ flow }) => input.flows[flow]);
  return 2 * flows.filter((flow) => (flow?.path ?? null) !== null).length >= flows.length;
}

/**
 * Of suspects that are one place only the surest: those of one name, but for links that lead from several routers into one that
 * answers all of them with one address, as the destination does: which of these loses a part, sweeps do not show. One fault takes the
 * same part of whatever crosses it, so that two links that lose unlike parts are two faults.
 */
function distinct(suspects: readonly Suspect[], { network, kinship }: Scene): Suspect[] {
  const idOf = (address: string | null): number | undefined =>
    address === null ? undefined : network.hops.find((hop) => hop.address === address)?.id;
  const isOnePlace = (one: Suspect, other: Suspect): boolean => {
    if (one.segment !== other.segment || one.name !== other.name) return false;
    if (one.segment !== "forward" || one.place === "router" || other.place === "router")
      return true;
    const [mine, theirs, far] = [idOf(one.from), idOf(other.from), idOf(one.to)];
    if (mine === undefined || theirs === undefined || far === undefined) return true;
    if (mine === theirs) return true;
    if (Math.abs(one.loss_ratio - other.loss_ratio) > LIKE_LOSS) return false;
    if (far === TARGET && one.loss_ratio < 1 && other.loss_ratio < 1) return true;
    const answersAlike = far === TARGET || kinship.hasOneAddress(far);
    return !answersAlike || !kinship.apart(mine, theirs);
  };
  const kept: Suspect[] = [];
  for (const suspect of [...suspects].sort((a, b) => b.confidence - a.confidence)) {
    if (!kept.some((other) => isOnePlace(suspect, other))) kept.push(suspect);
  }
  return kept;
}
