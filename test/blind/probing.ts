import type { Random } from "../support/random.ts";
import type { Answering } from "./answering.ts";
import type { Break } from "./breaks.ts";
import type { Way } from "./ways.ts";

/** How a case is probed. */
export interface Effort {
  /** Probes of every flow. */
  readonly probes: number;
  /** Share of probes that get lost anywhere for no reason. */
  readonly noise: number;
  /** Chance that a flow that is hit was never seen healthy. */
  readonly unseen: number;
  /** Chance that a flow that answers has not been swept yet. */
  readonly unswept: number;
  /** Chance that a flow that fails has not been swept yet. */
  readonly untraced: number;
  /** Chance that a sweep of a failing flow is given up a hop or two short. */
  readonly short: number;
}

/** What the exporter has seen of a flow, as a case tells it. */
export interface SeenFlow {
  readonly bucket: number;
  readonly source_port: number;
  readonly path: readonly (string | null)[] | null;
  readonly probes: number;
  readonly failures: number;
  readonly last_hop: string;
  readonly seen?: readonly (string | null)[];
  /** Failures in a row up to now, where a generator knows them. */
  readonly streak?: number;
}

const ATTEMPTS = 3;

/** From half a minute every 10 s to five minutes every 3 s; noise of up to 1 %. */
export function drawEffort(random: Random): Effort {
  const interval = random.pick([3, 5, 10, 10]);
  return {
    probes: Math.max(3, Math.round((30 + random.next() ** 1.5 * 270) / interval)),
    noise: random.chance(0.4) ? 0 : random.next() * 0.01,
    unseen: random.pick([0, 0.1, 0.3]),
    unswept: random.pick([0, 0, 0.1, 0.3]),
    untraced: random.pick([0, 0, 0.2, 0.5]),
    short: random.pick([0, 0.05, 0.15]),
  };
}

/** A sweep of a flow while nothing is broken: each hop's answer, null where it gave none in all attempts. */
export function healthySweep(
  { steps }: Way,
  { willing }: Answering,
  random: Random,
): (string | null)[] {
  return steps.map(({ edge, answer }, index) =>
    index === steps.length - 1 || attempt(() => random.chance(willing[edge.to] ?? 1))
      ? answer
      : null,
  );
}

/** Probes a flow while the breaks last. */
export function probeFlow(
  bucket: number,
  way: Way,
  breaks: readonly Break[],
  answers: Answering,
  effort: Effort,
  random: Random,
): SeenFlow {
  const hit = breaks.filter((each) => each.hits(way));
  const lives = hit.reduce((chance, { loss }) => chance * (1 - loss), 1 - effort.noise);
  const probes = effort.probes - (random.chance(0.1) ? 1 : 0);
  let failures = 0;
  for (let i = 0; i < probes; i++) if (!random.chance(lives)) failures++;
  const target = way.steps.at(-1)?.answer ?? "";
  const broken = hit.some(({ what }) => what !== "limit");
  const known =
    failures === 0 ? !random.chance(effort.unswept) : !broken || !random.chance(effort.unseen);
  const flow = {
    bucket,
    source_port: way.tuple.sourcePort,
    path: known ? healthySweep(way, answers, random) : null,
    probes,
    failures,
  };
  if (failures === 0) return { ...flow, last_hop: target };
  if (random.chance(effort.untraced)) return { ...flow, last_hop: "unknown" };
  const seen = brokenSweep(way, breaks, answers, effort, random);
  return { ...flow, last_hop: seen.at(-1) ?? "none", seen };
}

/** What answered a sweep right after a failure, without the silence at its end. */
function brokenSweep(
  way: Way,
  breaks: readonly Break[],
  { willing }: Answering,
  { noise, short }: Effort,
  random: Random,
): (string | null)[] {
  const hit = breaks.filter((each) => each.hits(way));
  const passes = (step: number): boolean =>
    random.chance(1 - noise) &&
    hit.every((each) => {
      const dies = each.stepOf(way);
      return dies === undefined || step < dies || !random.chance(each.loss);
    });
  const end = way.steps.length - 1;
  const returns = (step: number, router: number): boolean =>
    step === end
      ? hit.every((each) => each.stepOf(way) !== undefined || !random.chance(each.loss))
      : random.chance(willing[router] ?? 1) &&
        breaks.every(({ hides, loss }) => !hides(router) || !random.chance(loss));
  const seen = way.steps.map(({ edge, answer }, step) =>
    attempt(() => passes(step) && returns(step, edge.to)) ? answer : null,
  );
  trim(seen);
  if (seen.length <= end && random.chance(short)) {
    seen.length -= Math.min(seen.length, random.between(1, 2));
    trim(seen);
  }
  return seen;
}

function attempt(once: () => boolean): boolean {
  for (let i = 0; i < ATTEMPTS; i++) if (once()) return true;
  return false;
}

function trim(seen: (string | null)[]): void {
  while (seen.length > 0 && seen.at(-1) === null) seen.pop();
}
