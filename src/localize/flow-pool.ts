import { mayBeBack, withoutOwnAnswers } from "./both-ways.ts";
import type { HopAddress, LocalizeCase } from "./case.ts";
import { sharedFault } from "./common-fault.ts";
import { type Contribution, contributionOf, type PooledCase, poolFlows } from "./pooled-flows.ts";
import { withoutSharedAddresses } from "./shared-addresses.ts";
import { NOTHING_SHARED, type SharedFault, type SharedKnowledge } from "./shared-fault.ts";
import { type Found, type Solution, solve } from "./solve.ts";
import { withWholeRouters } from "./whole-routers.ts";

/** More rows than this are not explained: those of the fewest flows are left out. */
const MOST_ROWS = 400;
/** Ways that are handed on, those of the most flows first. */
const MOST_PATHS = 200;
/** A place less sure than this is told by nobody but the targets whose flows have shown it. */
const LEAST_CHANCE = 0.5;
/** The same for a broken way back to be held for that of other targets as well. */
const SURE_OF_BACK = 0.9;

/** The failing flows of several targets, explained together: one fault explains what fails at each target that it hits. */
export class FlowPool<Target> {
  readonly #contributions: Map<Target, Contribution> = new Map();

  /** Takes what one target's flows show now in place of what they showed before. */
  put(target: Target, input: LocalizeCase): void {
    const isFailing = input.flows.some(({ failures }) => failures > 0);
    const contribution = isFailing ? contributionOf(withoutSharedAddresses(input)) : null;
    if (contribution === null) this.#contributions.delete(target);
    else this.#contributions.set(target, contribution);
  }

  /** The target is no longer probed. */
  forget(target: Target): void {
    this.#contributions.delete(target);
  }

  /** Targets that some flows of fail. */
  get targets(): IterableIterator<Target> {
    return this.#contributions.keys();
  }

  /** How many they are. */
  get size(): number {
    return this.#contributions.size;
  }

  /** What the flows of all these targets show together. Pauses every now and then, between steps of about a millisecond. */
  *explain(): Generator<undefined, SharedKnowledge> {
    if (this.#contributions.size < 2) return NOTHING_SHARED;
    const pooled = mostOf(yield* poolFlows([...this.#contributions.values()]));
    const { flows } = pooled.input;
    if (flows.length === 0) return NOTHING_SHARED;
    const paths = pathsOf(pooled);
    const { input } = withWholeRouters(pooled.input);
    const solution = yield* solve(input, NOTHING_SHARED);
    if (solution === null) return { faults: [], paths };
    const faults = new Map<string, SharedFault>();
    const found = withoutOwnAnswers(solution.scene, solution.found, NOTHING_SHARED);
    const surest = found.sort((a, b) => b.chance - a.chance);
    for (const one of surest) {
      if (one.chance < LEAST_CHANCE || targetsHit(pooled, solution, one) < 2) continue;
      const shared = sharedFault(solution.scene, one);
      // One fault of a name: what is left over by the surest belongs to it.
      if (shared !== null && !faults.has(shared.place.name)) faults.set(shared.place.name, shared);
    }
    const isBackHit = isHitBehind(pooled, solution);
    const isBackDead = found.some(
      (one) => killsBehind(one) && targetsHit(pooled, solution, one) > 1,
    );
    return { faults: [...faults.values()], paths, isBackHit, isBackDead };
  }
}

/** Whether some flows surely die behind their last router or on the way back. */
function killsBehind({ chance, hypothesis: { location, effect } }: Found): boolean {
  return location.kind === "behind" && effect.kind === "dead" && chance >= SURE_OF_BACK;
}

/** The rows of the most flows, failing ones first. */
function mostOf({ input, sources }: PooledCase): PooledCase {
  const rows = input.flows.map((flow, index) => ({
    flow,
    targets: sources[index] ?? new Set<number>(),
  }));
  const weight = ({ flow }: (typeof rows)[number]): number =>
    (flow.failures > 0 ? 2 : 1) * (flow.alike ?? 1);
  const kept = rows.sort((a, b) => weight(b) - weight(a)).slice(0, MOST_ROWS);
  return {
    input: { ...input, flows: kept.map(({ flow }) => flow) },
    sources: kept.map(({ targets }) => targets),
  };
}

/** The ways of several targets' flows without the destination, those of the most flows first. */
function pathsOf({ input }: PooledCase): (readonly HopAddress[])[] {
  const paths = new Map<string, { hops: readonly HopAddress[]; flows: number }>();
  for (const { path, alike = 1 } of input.flows) {
    if (path === null) continue;
    const hops = path.slice(0, -1);
    const key = hops.join(" ");
    paths.set(key, { hops, flows: alike + (paths.get(key)?.flows ?? 0) });
  }
  return [...paths.values()]
    .sort((a, b) => b.flows - a.flows)
    .slice(0, MOST_PATHS)
    .map(({ hops }) => hops);
}

/**
 * Whether half and more of the targets that other places at fault hit have flows that cross none of these and fail behind their last router
 * or on the way back.
 */
function isHitBehind(pooled: PooledCase, solution: Solution): boolean {
  const isBehind = ({ hypothesis: { location, effect } }: Found): boolean =>
    mayBeBack(solution.scene, location, effect);
  const killed = new Set<number>();
  let most = 0;
  for (const found of solution.found) {
    if (isBehind(found)) continue;
    most = Math.max(most, targetsHit(pooled, solution, found));
    for (const { flow, weight } of found.hypothesis.location.members)
      if (weight > 0.5) killed.add(flow);
  }
  return solution.found.some((found) => {
    if (!isBehind(found) || found.chance < LEAST_CHANCE) return false;
    const hit = targetsHit(pooled, solution, found, killed);
    return hit > 0 && hit >= most / 2;
  });
}

/** At how many targets flows that may meet the fault fail. */
function targetsHit(
  { sources }: PooledCase,
  { scene }: Solution,
  { hypothesis }: Found,
  leftOut: ReadonlySet<number> = new Set(),
): number {
  const targets = new Set<number>();
  for (const { flow, weight } of hypothesis.location.members) {
    if (leftOut.has(flow) || weight < 0.2 || (scene.counts[flow]?.failures ?? 0) === 0) continue;
    for (const target of sources[flow] ?? []) targets.add(target);
  }
  return targets.size;
}
