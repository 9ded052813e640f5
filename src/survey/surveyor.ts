import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { TakenPath } from "../topology/path-attribution.ts";
import type { Topology } from "../topology/topology.ts";
import type { SurveySharing } from "../trace/survey-sharing.ts";
import type { TraceResult } from "../trace/trace.ts";
import { CommonKnowledge } from "./common-knowledge.ts";
import { hopBefore } from "./place-names.ts";
import {
  beginDoubtful,
  beginOpen,
  doubt,
  goesNext,
  inOrder,
  isOver,
  newRound,
  type Round,
  rankOf,
  wait,
} from "./round.ts";
import type { SharedHopInference } from "./shared-hop-inference.ts";

/** Surveys under way at once, of one target and of all: enough to keep every hop busy at the pace it answers. */
const SURVEYS_A_TARGET = 64;
const SURVEYS = 1536;
/** With more targets than this few at once, so that the answers there are make whole ways of them before long. */
const MOST_TARGETS = 150;
const FEW_SURVEYS = 96;
/** More of them, for flows that others wait for. */
const DOUBTFUL = 32;
/** With fewer targets there are answers enough, and a hop is asked before that before it is known. */
const MANY_TARGETS = 4;
/** Sweeps that go first in a round. */
const SCOUTS = 2;
/** The next round begins so many flows further on, so that others are asked on behalf of all. */
const TURNED_BY = 24;
/** New sweeps are begun this often. */
const TURN_MS = 100;
/** A flow whose survey did not reach the destination, or left a doubtful gap, is tried this often in a round. */
const TRIES = 3;
/** The same for one whose survey left a gap where others met a hop, so that its path is not certain yet. */
const TRIES_OPEN = 8;

/** How surveys are begun. */
export interface SurveyorOptions {
  /** Begins the sweep of a flow. @returns false where it is being swept already */
  readonly begin: (flow: ProbedFlow, now: number) => boolean;
  readonly topology: (target: ProbedTarget) => Topology;
  /** A flow's path has become known, undefined where several fit; `changed` where the flow took another one before. */
  readonly onLearnt: (flow: ProbedFlow, path: TakenPath | undefined, changed: boolean) => void;
}

/**
 * Learns the paths of healthy flows beforehand: rounds of sweeps, merged over the flows of a target, so that hops that
 * all flows share are not asked by each. Each round asks anew, so that a change in the network is seen.
 */
export class Surveyor implements SurveySharing {
  readonly #options: SurveyorOptions;
  readonly #rounds: Map<ProbedTarget, Round> = new Map();
  readonly #common = new CommonKnowledge();
  /** Where the next round begins. */
  #offset = 0;
  #turnedAt = Number.NEGATIVE_INFINITY;
  /** Why another turn would find nothing to do: no room for more, or nobody who waits, and nothing that surveys are ranked by has changed since. */
  #settled: "full" | "idle" | undefined;

  constructor(options: SurveyorOptions) {
    this.#options = options;
  }

  /** Begins a round for a target, once the one before is over: every flow that is up, those without a known path first. */
  start(target: ProbedTarget): void {
    const round = this.#rounds.get(target);
    this.#settled = undefined;
    if (round !== undefined && !isOver(round)) {
      round.again = true;
      return;
    }
    this.#common.begin(target);
    const topology = this.#options.topology(target);
    const flows = target.flows.filter((flow) => flow !== undefined);
    this.#offset += TURNED_BY;
    const turned = flows.map((_, at) => flows[(at + this.#offset) % flows.length] as ProbedFlow);
    const known = (flow: ProbedFlow): number => (topology.of(flow)?.path === undefined ? 0 : 1);
    const waiting = turned.sort((a, b) => known(a) - known(b));
    this.#begin(target, waiting);
  }

  /** A flow whose path is not known, or no longer to be relied on, joins the round of its target. */
  want(flow: ProbedFlow): void {
    const round = this.#rounds.get(flow.target) ?? this.#begin(flow.target, []);
    if (round.waiting.includes(flow) || round.running.has(flow) || round.doubtful.has(flow)) return;
    wait(round, flow);
    if (this.#settled === "idle") this.#settled = undefined;
  }

  /** Sweeps under way have been given up: their flows wait for their turn again. */
  restart(): void {
    this.#settled = undefined;
    for (const round of this.#rounds.values()) {
      for (const flow of round.running) round.sharedHops.ended(flow);
      wait(round, ...round.running);
      round.running.clear();
    }
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    const round = this.#rounds.get(target);
    for (const flow of [...(round?.running ?? []), ...(round?.doubtful ?? [])])
      round?.sharedHops.ended(flow);
    this.#rounds.delete(target);
    this.#common.forget(target);
    this.#settled = undefined;
  }

  /** One turn: begins sweeps where there is room. */
  turn(now: number): void {
    if (now - this.#turnedAt < TURN_MS) return;
    this.#turnedAt = now;
    if (this.#settled !== undefined) return;
    let running = 0;
    let waits = false;
    for (const [target, round] of this.#rounds) {
      running += round.running.size;
      if (round.again && isOver(round)) this.start(target);
      waits ||= round.again;
    }
    for (const round of this.#rounds.values()) {
      const may = running < SURVEYS + DOUBTFUL;
      if (may) running += beginDoubtful(round, (flow) => this.#options.begin(flow, now));
      waits ||= round.doubtful.size > 0;
    }
    const rounds = inOrder(this.#rounds.values());
    const ranked = running;
    const room = this.#rounds.size > MOST_TARGETS ? FEW_SURVEYS : SURVEYS;
    const most = Math.min(SURVEYS_A_TARGET, Math.max(SCOUTS, Math.ceil(room / rounds.length)));
    // A target after the other begins one sweep, until there is room for no more.
    for (let begun = 1; begun > 0 && running < room; running += begun) {
      begun = 0;
      for (const round of rounds) {
        if (running + begun >= room) break;
        if (this.#beginNext(round, most, now)) begun += 1;
      }
    }
    const isOpen = (flow: ProbedFlow): boolean =>
      this.#options.topology(flow.target).of(flow)?.open === true;
    for (const round of rounds) {
      if (running >= room) break;
      running += beginOpen(round, isOpen, (flow) => this.#options.begin(flow, now));
    }
    if (running !== ranked || waits) return;
    if (running >= room) this.#settled = "full";
    else if (rounds.length === 0) this.#settled = "idle";
  }

  /** Begins the next sweep of a round if there is one to begin. @param most under way at once */
  #beginNext(round: Round, most: number, now: number): boolean {
    const { waiting } = round;
    // The first sweeps find how far away the destination is, which spares the others what lies behind it.
    if (round.running.size >= (round.reached ? most : SCOUTS)) return false;
    const timesUp = waiting[0]?.target.timesUp;
    if (timesUp === undefined || timesUp === round.noneUpAt) return false;
    let isUp = false;
    for (let left = waiting.length; left > 0; left -= 1) {
      const flow = waiting.shift();
      if (!flow?.active) continue;
      isUp ||= flow.state === "up";
      // One that fails has its own sweeps and waits until it works, as does one not probed yet.
      if (flow.state === "up" && this.#options.begin(flow, now)) {
        round.running.add(flow);
        return true;
      }
      waiting.push(flow);
    }
    if (!isUp) round.noneUpAt = timesUp;
    return false;
  }

  /** A survey ended: what it found of the flow's path is learnt, where it reached the destination. */
  finished(flow: ProbedFlow, result: TraceResult, now: number): void {
    const hops = this.#finish(flow, result);
    if (hops === undefined || !flow.active) return;
    const topology = this.#options.topology(flow.target);
    const changed = topology.learn(flow, hops, now) === "changed";
    const way = topology.of(flow);
    const path = way?.path && { id: way.path.id, hops: way.hops };
    this.#options.onLearnt(flow, path, changed);
    // One more sweep may fill in what others have met there, or show that this router never answers.
    const round = this.#rounds.get(flow.target);
    if (path !== undefined) round?.paths.add(path.id);
    const tries = round?.tries.get(flow) ?? 0;
    if (way?.open === true && tries < TRIES_OPEN) round?.open.add(flow);
  }

  /** A survey gave way to a sweep of a failure, or its flow is no longer probed. */
  gaveWay(flow: ProbedFlow): void {
    this.#finish(flow, undefined);
  }

  /** @returns what a survey found of its flow's path, undefined where it did not reach the destination */
  #finish(flow: ProbedFlow, result: TraceResult | undefined): (string | null)[] | undefined {
    const round = this.#rounds.get(flow.target);
    if (round !== undefined && flow.state === "failing" && !round.failed.has(flow)) {
      round.failed.add(flow);
      round.sharedHops.changed();
    }
    const ended = [round?.running.delete(flow), round?.doubtful.delete(flow)].includes(true);
    if (ended || result !== undefined) this.#settled = undefined;
    const again = round !== undefined && result !== undefined && this.#again(round, flow, result);
    const reached = result?.destinationTtl !== undefined && !again;
    const hops = reached ? [...result.way, flow.target.target.address.text] : undefined;
    hops?.forEach((hop, index) => {
      round?.sharedHops.met(flow, index + 1, hopBefore(hops, index), hop);
    });
    // However it ended, nobody waits for it any longer, but where it will be asked once more.
    if (!again) round?.sharedHops.ended(flow);
    if (!again) round?.unsettled.delete(flow);
    if (round === undefined || hops === undefined) return hops;
    round.learnt += 1;
    round.reached = true;
    if (round.perPacket.saw(flow, hops)) goesNext(round, flow);
    const topology = this.#options.topology(flow.target);
    topology.balanceByPacket(round.perPacket.perPacketTtls(topology.perPacketTtls));
    return hops;
  }

  /** Whether a survey that ended is no use; it is tried again then, unless it was tried often enough. */
  #again(round: Round, flow: ProbedFlow, result: TraceResult): boolean {
    const tries = (round.tries.get(flow) ?? 0) + 1;
    round.tries.set(flow, tries);
    const doubted: [ttl: number, before: string][] = [];
    let isDoubtful = false;
    result.way.forEach((hop, index) => {
      const before = hopBefore(result.way, index);
      if (hop !== null || !round.sharedHops.doubts(flow, index + 1, before)) return;
      isDoubtful = true;
      if (before !== null) doubted.push([index + 1, before]);
    });
    if ((result.destinationTtl !== undefined && !isDoubtful) || tries >= TRIES) return false;
    round.sharedHops.ended(flow, doubted);
    if (isDoubtful) doubt(round, flow);
    else wait(round, flow);
    return true;
  }

  shared(flow: ProbedFlow, ttl: number, before: string | null): string | null | undefined {
    return this.#sharedHops(flow)?.shared(ttl, before);
  }

  readonly waits = (flow: ProbedFlow, ttl: number, before: string | null): boolean =>
    this.#sharedHops(flow)?.waits(flow, ttl, before) ?? false;

  readonly asked = (flow: ProbedFlow, ttl: number, before: string | null): void =>
    this.#rounds.get(flow.target)?.sharedHops.asked(flow, ttl, before);

  met(flow: ProbedFlow, ttl: number, before: string | null, hop: string): void {
    const round = this.#rounds.get(flow.target);
    if (round === undefined) return;
    this.#settled = undefined;
    if (hop === flow.target.target.address.text) round.reached = true;
    round.sharedHops.met(flow, ttl, before, hop);
  }

  readonly branchesAt = (ttl: number): boolean =>
    this.#rounds.size >= MANY_TARGETS && this.#common.branchesAt(ttl);

  readonly tells = (flow: ProbedFlow, ttl: number): boolean =>
    this.#sharedHops(flow)?.tells(ttl) === true;

  readonly before = (flow: ProbedFlow, ttl: number, hop: string): string | undefined =>
    this.#sharedHops(flow)?.before(ttl, hop);

  readonly revision = (target: ProbedTarget): number =>
    this.#rounds.get(target)?.sharedHops.revision ?? this.#common.of(target).hops.revision;

  readonly changes = (): number => this.#common.changes;
  readonly rank = (flow: ProbedFlow): number => rankOf(this.#rounds.get(flow.target), flow);

  #begin(target: ProbedTarget, waiting: ProbedFlow[]): Round {
    const common = this.#common.of(target);
    const round = newRound(common, waiting);
    this.#rounds.set(target, round);
    this.#settled = undefined;
    common.hops.changed();
    return round;
  }

  /** What others meet counts for a flow unless it has failed: its way may have become another. */
  #sharedHops(flow: ProbedFlow): SharedHopInference | undefined {
    const round = this.#rounds.get(flow.target);
    return round?.failed.has(flow) === true ? undefined : round?.sharedHops;
  }
}
