import type { LocalizeCase } from "./case.ts";
import { ConfidenceEstimator } from "./confidence-estimator.ts";
import { type Counts, readCounts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { findLocations } from "./fault-locations.ts";
import { HypothesisSet } from "./hypothesis-set.ts";
import { Kinship } from "./kinship.ts";
import { type Network, TARGET } from "./network.ts";
import { estimateNoise } from "./noise.ts";
import { layRoutes } from "./routes.ts";
import { Search } from "./search.ts";
import { withoutSharedAddresses } from "./shared-addresses.ts";
import { describeHypothesis, type Suspect } from "./suspect.ts";
import { judgeTotalOutage } from "./total-outage.ts";
import { type Findings, judge, type Verdict } from "./verdict.ts";

/** What one window of a target's flows says. */
export interface Localization {
  readonly verdict: Verdict;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly suspects: readonly Suspect[];
}

/** Evidence, in nats, below which failures are noise whatever their place: the cheapest hypothesis costs more. */
const LEAST_EVIDENCE = 5;
/** The same where no flow can be held to be dead: the cheapest loss. */
const LEAST_LOSS_EVIDENCE = 9;
/** Rounds of replacing one hypothesis by others. */
const ROUNDS = 1;
/** Suspects less sure than this are not named. */
const LEAST_CONFIDENCE = 0.03;

const NOTHING: Findings = { hypotheses: [], surest: null, end: null };

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
  const probed = withoutSharedAddresses({
    ...input,
    flows: input.flows.filter(({ probes }) => probes > 0),
  });
  const noise = estimateNoise(probed.flows);
  const total = probed.flows.reduce((sum, flow) => sum + evidence(flow, noise), 0);
  const few = probed.flows.every(({ failures, probes }) => failures < Math.min(5, probes));
  if (total < (few ? LEAST_LOSS_EVIDENCE : LEAST_EVIDENCE)) {
    return { ...judge(probed, NOTHING), suspects: [] };
  }
  const { network, routes, gap } = yield* layRoutes(probed);
  yield;
  const counts = readCounts(probed.flows, routes);
  const locations = yield* findLocations(probed, network, routes, counts);
  yield;
  const scene = { input: probed, network, routes, counts };
  if (counts.every(({ failures, probes }) => failures === probes)) {
    const { source, suspects } = judgeTotalOutage(scene, locations, gap);
    const end = source ? "source" : "target";
    return { ...judge(probed, { hypotheses: [], surest: suspects[0] ?? null, end }), suspects };
  }
  let search = new Search(locations);
  let set = yield* explain(search, counts, routes, noise, gap);
  const touched = new Set(
    set.hypotheses.flatMap(({ location }) =>
      location.kind === "behind" ? [] : location.members.map(({ flow }) => flow),
    ),
  );
  const better = estimateNoise(counts, (i) => touched.has(i));
  if (Math.abs(Math.log(better / noise)) > 0.7) {
    search = new Search(locations);
    set = yield* explain(search, counts, routes, better, gap);
  }
  const { hypotheses } = set;
  const estimator = new ConfidenceEstimator(set, search, scene);
  const named: Suspect[] = [];
  for (const hypothesis of hypotheses) {
    const { chance, rivals } = yield* estimator.estimate(hypothesis);
    if (chance >= LEAST_CONFIDENCE) {
      named.push(describeHypothesis(scene, hypothesis, chance, rivals));
    }
  }
  const kinship = new Kinship(network, probed.routers ?? {});
  const suspects = isPlaced(probed) ? distinct(named, network, kinship) : [];
  return { ...judge(probed, { hypotheses, surest: suspects[0] ?? null, end: null }), suspects };
}

/** Whether anything is known of where flows go; counts alone accuse nobody. */
function isPlaced({ flows }: LocalizeCase): boolean {
  return flows.some(
    ({ path, seen, last_hop }) => path !== null || seen.length > 0 || last_hop !== "unknown",
  );
}

/**
 * Of suspects that are one place only the surest: those of one name, but for links into a router that answers all of them
 * with one address. The destination has one address whatever is before it, and the links to it are hardly told apart.
 */
function distinct(suspects: readonly Suspect[], network: Network, kinship: Kinship): Suspect[] {
  const idOf = (address: string | null): number | undefined =>
    address === null ? undefined : network.hops.find((hop) => hop.address === address)?.id;
  const isOnePlace = (one: Suspect, other: Suspect): boolean => {
    if (one.segment !== other.segment || one.name !== other.name) return false;
    if (one.segment !== "forward" || one.place === "router" || other.place === "router")
      return true;
    const [mine, theirs, far] = [idOf(one.from), idOf(other.from), idOf(one.to)];
    if (mine === undefined || theirs === undefined || far === undefined || far === TARGET)
      return true;
    return mine === theirs || !kinship.hasOneAddress(far) || !kinship.apart(mine, theirs);
  };
  const kept: Suspect[] = [];
  for (const suspect of [...suspects].sort((a, b) => b.confidence - a.confidence)) {
    if (!kept.some((other) => isOnePlace(suspect, other))) kept.push(suspect);
  }
  return kept;
}

function* explain(
  search: Search,
  counts: readonly Counts[],
  routes: readonly Route[],
  noise: number,
  gap: number,
): Generator<undefined, HypothesisSet> {
  const missing = routes.map(({ crossings, beyondLast }) =>
    Math.max(beyondLast?.missing ?? 0, ...crossings.map(({ beyond }) => beyond?.missing ?? 0)),
  );
  const set = new HypothesisSet(counts, missing, noise, gap);
  yield* search.improve(set, ROUNDS);
  return set;
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
