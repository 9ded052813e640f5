import type { LocalizeCase } from "./case.ts";
import { Doubt } from "./confidence.ts";
import { type Counts, readCounts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { allFail } from "./ends.ts";
import { Explanation } from "./explanation.ts";
import { estimateNoise } from "./noise.ts";
import { layRoutes } from "./routes.ts";
import { Search } from "./search.ts";
import { findSites } from "./sites.ts";
import { describeCause, type Suspect } from "./suspect.ts";
import { type Findings, judge, type Verdict } from "./verdict.ts";

/** What one window of a target's flows says. */
export interface Localization {
  readonly verdict: Verdict;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly suspects: readonly Suspect[];
}

/** Evidence, in nats, below which failures are noise whatever their place: the cheapest cause costs more. */
const LEAST_EVIDENCE = 5;
/** The same where no flow can be held to be dead: the cheapest loss. */
const LEAST_LOSS_EVIDENCE = 9;
/** Rounds of replacing one cause by others. */
const ROUNDS = 1;
/** Suspects less sure than this are not named. */
const LEAST_CONFIDENCE = 0.03;

const NOTHING: Findings = { causes: [], surest: null, end: null };

/**
 * Says from the counts of all flows and the ends of the failing sweeps where a target's packets die. Pure; costs
 * little while nothing fails.
 */
export function localize(input: LocalizeCase): Localization {
  const steps = localizeInSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

/** The same in steps of a few milliseconds, for a caller that has other work in between. */
export function* localizeInSteps(input: LocalizeCase): Generator<undefined, Localization> {
  const probed = { ...input, flows: input.flows.filter(({ probes }) => probes > 0) };
  const noise = estimateNoise(probed.flows.map(plain), ({ failures }) => failures <= 1);
  const total = probed.flows.reduce((sum, flow) => sum + evidence(flow, noise), 0);
  const few = probed.flows.every(({ failures, probes }) => failures < Math.min(5, probes));
  if (total < (few ? LEAST_LOSS_EVIDENCE : LEAST_EVIDENCE)) {
    return { ...judge(probed, NOTHING), suspects: [] };
  }
  const { network, routes } = yield* layRoutes(probed);
  yield;
  const counts = readCounts(probed.flows, routes);
  const sites = yield* findSites(probed, network, routes, counts);
  yield;
  if (counts.every(({ failures, probes }) => failures === probes)) {
    const { source, suspects } = allFail(probed, network, routes, counts, sites);
    const end = source ? "source" : "target";
    return { ...judge(probed, { causes: [], surest: suspects[0] ?? null, end }), suspects };
  }
  let search = new Search(sites);
  let explanation = yield* explain(search, counts, routes, noise);
  const touched = new Set(
    explanation.causes.flatMap(({ site }) =>
      site.kind === "behind" ? [] : site.members.map(({ flow }) => flow),
    ),
  );
  const better = estimateNoise(counts, ({ failures }, i) => !touched.has(i) && failures <= 2);
  if (Math.abs(Math.log(better / noise)) > 0.7) {
    search = new Search(sites);
    explanation = yield* explain(search, counts, routes, better);
  }
  const { causes } = explanation;
  const doubt = new Doubt(explanation, search, network, counts);
  const named: Suspect[] = [];
  for (const cause of causes) {
    const confidence = yield* doubt.confidenceOf(cause);
    if (confidence >= LEAST_CONFIDENCE) {
      named.push(...describeCause(probed, network, routes, counts, cause, confidence));
    }
  }
  const suspects = isPlaced(probed) ? distinct(named) : [];
  return { ...judge(probed, { causes, surest: suspects[0] ?? null, end: null }), suspects };
}

/** Whether anything is known of where flows go; counts alone accuse nobody. */
function isPlaced({ flows }: LocalizeCase): boolean {
  return flows.some(
    ({ path, seen, last_hop }) => path !== null || seen.length > 0 || last_hop !== "unknown",
  );
}

/** Of suspects with the same name only the surest. */
function distinct(suspects: readonly Suspect[]): Suspect[] {
  const byName = new Map<string, Suspect>();
  for (const suspect of [...suspects].sort((a, b) => b.confidence - a.confidence)) {
    const name = `${suspect.segment} ${suspect.from} ${suspect.to}`;
    if (!byName.has(name)) {
      byName.set(name, suspect);
    }
  }
  return [...byName.values()];
}

function* explain(
  search: Search,
  counts: readonly Counts[],
  routes: readonly Route[],
  noise: number,
): Generator<undefined, Explanation> {
  const ends = routes.map(({ shortOfEnd }) => shortOfEnd);
  const explanation = new Explanation(counts, ends, noise);
  yield* search.improve(explanation, ROUNDS);
  return explanation;
}

function plain({ probes, failures }: LocalizeCase["flows"][number]): Counts {
  return { probes, failures, deadCost: 0 };
}

/** Nats by which the best loss explains one flow better than noise does. */
function evidence({ probes, failures }: LocalizeCase["flows"][number], noise: number): number {
  if (failures === 0) {
    return 0;
  }
  const q = failures / probes;
  const answered = probes - failures;
  const rest = answered > 0 ? answered * Math.log((1 - q) / (1 - noise)) : 0;
  return Math.max(0, failures * Math.log(q / noise) + rest);
}
