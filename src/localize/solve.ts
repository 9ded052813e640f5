import type { LocalizeCase } from "./case.ts";
import { ConfidenceEstimator } from "./confidence-estimator.ts";
import { readCounts } from "./counts.ts";
import type { FaultLocation } from "./fault-location.ts";
import { findLocations } from "./fault-locations.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { HypothesisSet } from "./hypothesis-set.ts";
import { Kinship } from "./kinship.ts";
import { estimateNoise } from "./noise.ts";
import { layRoutes } from "./routes.ts";
import type { Scene } from "./scene.ts";
import { Search } from "./search.ts";
import { settleNoise } from "./settled-noise.ts";
import type { SharedKnowledge } from "./shared-fault.ts";
import { sharedLocations } from "./shared-locations.ts";
import type { Confidence } from "./suspect.ts";
import { judgeTotalOutage } from "./total-outage.ts";
import { mayTellWayBack } from "./way-back-address.ts";

/** A hypothesis that explains a window, how sure it is, and what else it may be. */
export interface Found extends Confidence {
  readonly hypothesis: Hypothesis;
}

/** What explains a window of failures. */
export interface Solution {
  readonly scene: Scene;
  readonly found: readonly Found[];
  /** Where every flow fails: whether it is the source, and the place that all share. Nothing is found then. */
  readonly outage: ReturnType<typeof judgeTotalOutage> | null;
}

/** Evidence, in nats, below which failures are noise whatever their place: the cheapest hypothesis costs more. */
const LEAST_EVIDENCE = 5;
/** The same where no flow can be held to be dead: the cheapest loss. */
const LEAST_LOSS_EVIDENCE = 9;
/** The same where other targets have shown a fault. */
const LEAST_SHARED_EVIDENCE = 1.5;
/** So often what is weighed may give way to something cheaper that is found meanwhile. */
const MOST_TURNS = 2;
/** Rounds of replacing one hypothesis by others. */
const ROUNDS = 1;

/**
 * Explains the flows of a window by the fewest and likeliest faults. Pauses every now and then, between steps of about a
 * millisecond.
 * @param shared what the flows of other targets have shown
 * @returns null where failures are no more than noise
 */
export function* solve(
  input: LocalizeCase,
  shared: SharedKnowledge,
): Generator<undefined, Solution | null> {
  const noise = estimateNoise(input.flows);
  const total = input.flows.reduce((sum, flow) => sum + evidence(flow, noise), 0);
  if (total < leastEvidence(input, shared)) return null;
  const { network, routes, gap } = yield* layRoutes(input, shared);
  yield;
  const counts = readCounts(input.flows, routes);
  const kinship = new Kinship(network, input.routers ?? {});
  const { isBackDead = false } = shared;
  const scene = { input, network, routes, counts, kinship, gap, isBackDead };
  const locations = [
    ...(yield* findLocations(scene)),
    ...sharedLocations(network, routes, input, shared.faults),
  ];
  yield;
  if (counts.every(({ failures, probes }) => failures === probes)) {
    return { scene, found: [], outage: judgeTotalOutage(scene, locations, gap) };
  }
  const missing = routes.map(({ crossings, beyondLast }) =>
    Math.max(beyondLast?.missing ?? 0, ...crossings.map(({ beyond }) => beyond?.missing ?? 0)),
  );
  // Without a time nothing shows that both broke at once.
  const isTimed = input.flows.some(({ first_failure }) => first_failure !== undefined);
  const mayTellBack = remembered((location) => isTimed && mayTellWayBack(scene, location));
  const emptySet = (level: number): HypothesisSet =>
    new HypothesisSet(counts, missing, level, gap, mayTellBack);
  let search = new Search(locations);
  let set = emptySet(noise);
  yield* search.improve(set, ROUNDS);
  const touched = new Set(
    set.hypotheses.flatMap(({ location }) =>
      location.kind === "behind" ? [] : location.members.map(({ flow }) => flow),
    ),
  );
  const better = estimateNoise(counts, (i) => touched.has(i));
  let used = noise;
  if (Math.abs(Math.log(better / noise)) > 0.7) {
    search = new Search(locations);
    set = emptySet(better);
    yield* search.improve(set, ROUNDS);
    used = better;
  }
  const settled = settleNoise(set, used, emptySet);
  if (settled.noise !== used) {
    search = new Search(locations);
    set = emptySet(settled.noise);
    for (const hypothesis of settled.hypotheses) set.add(hypothesis);
    yield* search.improve(set, 0);
  }
  const estimator = new ConfidenceEstimator(set, search, scene);
  for (let turn = 0; ; turn++) {
    const found: Found[] = [];
    for (const hypothesis of set.hypotheses) {
      found.push({ hypothesis, ...(yield* estimator.estimate(hypothesis)) });
    }
    if (turn === MOST_TURNS || !estimator.takeCheaper()) return { scene, found, outage: null };
    yield* search.improve(set, ROUNDS);
  }
}

/** The same of each place, worked out once. */
function remembered(tells: (location: FaultLocation) => boolean): typeof tells {
  const known = new Map<FaultLocation, boolean>();
  return (location) => {
    const told = known.get(location) ?? tells(location);
    known.set(location, told);
    return told;
  };
}

function leastEvidence({ flows }: LocalizeCase, { faults }: SharedKnowledge): number {
  if (faults.length > 0) return LEAST_SHARED_EVIDENCE;
  const few = flows.every(({ failures, probes }) => failures < Math.min(5, probes));
  return few ? LEAST_LOSS_EVIDENCE : LEAST_EVIDENCE;
}

/** Nats by which the best loss explains a row of flows better than noise does. */
function evidence(
  { probes, failures, alike = 1 }: LocalizeCase["flows"][number],
  noise: number,
): number {
  if (failures === 0) {
    return 0;
  }
  const q = failures / probes;
  const answered = probes - failures;
  const rest = answered > 0 ? answered * Math.log((1 - q) / (1 - noise)) : 0;
  return alike * Math.max(0, failures * Math.log(q / noise) + rest);
}
