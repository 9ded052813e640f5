import { killsAll } from "./effect.ts";
import { keyOfFlows, mergeByFlow } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { LocationLink } from "./member.ts";
import { SOURCE, TARGET } from "./network.ts";
import { median, timesOf } from "./onset-times.ts";
import type { Scene } from "./scene.ts";
import type { Found } from "./solve.ts";

/** Flows of one fault began to fail within this time of each other, by the median of each part: each is probed once in ten seconds by default, and of a part of a link there are few. */
const SAME_TIME_MS = 10_000;
/** Nobody is surer that it is one link: there may be two routers behind it. Set by hand (2026-11). */
const MOST = 0.9;

/**
 * Takes dead links out of one hop that broke at once for one, where their far ends may be one router's addresses: a router that answers from the interface by which
 * its answer leaves shows one link as several, and two that break within a round of each other are far less likely.
 */
export function asOneLink(scene: Scene, found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const each of found) {
    const at = kept.findIndex((one) => areOne(scene, one.hypothesis, each.hypothesis));
    const one = kept[at];
    if (one === undefined) kept.push(each);
    else kept[at] = joined(scene, one, each);
  }
  return kept;
}

function joined(scene: Scene, one: Found, other: Found): Found {
  const [mine, theirs] = [one.hypothesis.location, other.hypothesis.location];
  const members = mergeByFlow([...mine.members, ...theirs.members], scene.routes.length);
  const location = {
    kind: "aliases" as const,
    members,
    hops: [...mine.hops, ...theirs.hops],
    flowsKey: keyOfFlows(members),
    picked: 0,
    isLink: true,
    twins: [],
  };
  return {
    hypothesis: { ...one.hypothesis, location, cost: one.hypothesis.cost + other.hypothesis.cost },
    chance: Math.min(MOST, Math.max(one.chance, other.chance)),
    wide: false,
    rivals: [...one.rivals, ...other.rivals],
  };
}

function areOne(scene: Scene, one: Hypothesis, other: Hypothesis): boolean {
  const [mine, theirs] = [linksOf(one), linksOf(other)];
  const [from] = mine;
  if (from === undefined || theirs.length === 0) return false;
  if (![...mine, ...theirs].every((link) => link.from === from.from)) return false;
  const ends = [...new Set([...mine, ...theirs].map(({ to }) => to))];
  const { network, kinship } = scene;
  if (from.from === SOURCE || !ends.every((id) => id !== TARGET && network.answers(id)))
    return false;
  if (kinship.areSeveral(ends)) return false;
  // A router that answers alike to packets of several links is met behind all of these, whatever it answers with.
  const before = ends.map((id) => kinship.answeringBefore([id]));
  const inCommon = before.reduce((all, ids) => all.filter((id) => ids.includes(id)));
  return inCommon.length > 1 && beganAtOnce(scene, one, other);
}

/** The links of a place that is one dead link, or several that were taken for one; none of another. */
function linksOf({ location, effect }: Hypothesis): readonly LocationLink[] {
  const { kind, isLink = false, shared, members } = location;
  const isOne = kind === "link" || (kind === "aliases" && isLink);
  if (!isOne || shared !== undefined || !killsAll(effect)) return [];
  return members.flatMap(({ link }) => link ?? []);
}

function beganAtOnce(scene: Scene, one: Hypothesis, other: Hypothesis): boolean {
  const [mine, theirs] = [one, other].map(({ location }) =>
    median(timesOf(scene, location.members, "failing_since")),
  );
  return mine !== undefined && theirs !== undefined && Math.abs(mine - theirs) <= SAME_TIME_MS;
}
