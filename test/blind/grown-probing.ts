import type { Random } from "../support/random.ts";
import type { Break } from "./breaks.ts";
import type { GrownAnswers } from "./grown-answers.ts";
import type { SeenFlow } from "./probing.ts";
import type { Way } from "./ways.ts";

/** How everything is probed, and since when it is broken. */
export interface GrownHabits {
  /** Probes of a flow that lasted all the window. */
  readonly most: number;
  /** Chance that a flow came by a rotation within the window, and so has fewer probes. */
  readonly rotated: number;
  readonly noise: number;
  readonly attempts: number;
  /** Chance that a failing flow could not be traced yet. */
  readonly untraced: number;
  /** Chance that a flow's way was never learnt. */
  readonly unlearnt: number;
  /** Chance that a sweep starts behind the hops that other flows of the same way have shown. */
  readonly begunLate: number;
  /** Share of the window before anything broke; 0: it was broken all along. */
  readonly whole: number;
}

/** Draws how a case is probed. */
export function drawHabits(random: Random): GrownHabits {
  return {
    most: random.pick([6, 12, 30, 30, 60, 100]),
    rotated: random.pick([0, 0.2, 0.5]),
    noise: random.pick([0, 0, 0.0005, 0.002, 0.006]),
    attempts: random.pick([1, 2, 3, 3, 3]),
    untraced: random.pick([0, 0, 0.15, 0.4]),
    unlearnt: random.pick([0, 0.05, 0.3]),
    begunLate: random.pick([0, 0, 0.2]),
    whole: 0,
  };
}

/** A sweep of a flow while nothing is broken. */
export function learnWay(
  { steps }: Way,
  { willing }: GrownAnswers,
  attempts: number,
  random: Random,
): (string | null)[] {
  const end = steps.length - 1;
  return steps.map(({ edge, answer }, at) =>
    at === end || tries(attempts, willing[edge.to] ?? 1, random) ? answer : null,
  );
}

/** Probes a flow, traces it if it fails. */
export function probeGrownFlow(
  bucket: number,
  way: Way,
  breaks: readonly Break[],
  answers: GrownAnswers,
  habits: GrownHabits,
  random: Random,
): SeenFlow {
  const { noise, attempts, most, whole } = habits;
  const hit = breaks.filter((each) => each.hits(way));
  const lives = hit.reduce((chance, { loss }) => chance * (1 - loss), 1);
  const probes = random.chance(habits.rotated) ? random.between(1, most) : most;
  const results = Array.from({ length: probes }, (_, at) => {
    // The last of `most` slots is now, so that a flow begun late was probed in the last of them.
    const isBroken = most - probes + at >= whole * most;
    return random.chance(noise) || (isBroken && !random.chance(lives));
  });
  const failures = results.filter((failed) => failed).length;
  const isUnlearnt = random.chance(habits.unlearnt);
  const base = {
    bucket,
    source_port: way.tuple.sourcePort,
    probes,
    failures,
    path: isUnlearnt ? null : learnWay(way, answers, attempts, random),
    ...(whole > 0 ? { streak: probes - 1 - results.lastIndexOf(false) } : {}),
  };
  if (failures === 0) return { ...base, last_hop: way.steps.at(-1)?.answer ?? "unknown" };
  if (random.chance(habits.untraced)) return { ...base, last_hop: "unknown" };
  const seen = sweep(way, hit, breaks, answers, habits, random);
  return { ...base, last_hop: seen.findLast((hop) => hop !== null) ?? "none", seen };
}

function sweep(
  way: Way,
  hit: readonly Break[],
  breaks: readonly Break[],
  { willing }: GrownAnswers,
  { attempts, begunLate, noise }: GrownHabits,
  random: Random,
): (string | null)[] {
  const { steps } = way;
  const end = steps.length - 1;
  const begins = random.chance(begunLate) ? random.between(0, 2) : 0;
  const heard = steps.map(({ edge, answer }, at) => {
    if (at < begins || answer === null) return null;
    const isEnd = at === end;
    // Of what takes packets: what lies before this hop; behind the last router only the target's answer meets it.
    const comes = hit.reduce((chance, each) => {
      const dies = meets(each, way, at);
      return dies ? chance * (1 - each.loss) : chance;
    }, 1 - noise);
    const returns = breaks.reduce(
      (chance, each) => (!isEnd && each.hides(edge.to) ? chance * (1 - each.loss) : chance),
      isEnd ? 1 : (willing[edge.to] ?? 1),
    );
    return tries(attempts, comes * returns, random) ? answer : null;
  });
  return heard.slice(0, heard.findLastIndex((hop) => hop !== null) + 1);
}

/** Whether a probe that expires at a step of a way meets what is broken. */
function meets(each: Break, way: Way, at: number): boolean {
  const dies = each.stepOf(way);
  return dies === undefined ? at === way.steps.length - 1 : at >= dies;
}

function tries(attempts: number, chance: number, random: Random): boolean {
  for (let i = 0; i < attempts; i++) if (random.chance(chance)) return true;
  return false;
}
