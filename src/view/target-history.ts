import type { EngineObserver } from "../engine/engine-observer.ts";
import type { EngineView } from "../engine/engine-view.ts";
import { Kept } from "../probe/kept.ts";
import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { Change } from "../verdict/target-event.ts";
import { answeredHops } from "./answered-hops.ts";
import { BucketHistory, NO_WAY, SLOT_MS, SLOTS } from "./bucket-history.ts";
import { type RunningBucket, RunningSlot } from "./running-slot.ts";
import { type Way, WayTable } from "./way-table.ts";

/** Success is told of the last five minutes. */
const RECENT_SLOTS = 10;

/** What the last hour of a target was like. */
export interface PastHour {
  /** Share of the probes of the last five minutes that were answered, 0 to 1; null without probes. */
  readonly success_ratio: number | null;
  /** When the verdict changed last, milliseconds since the Unix epoch; null while it has not. */
  readonly changed_at: number | null;
  /**
   * One character for each half minute, the oldest first: `-` without probes, else the share of probes that failed in
   * ninths, `0` for none and at least `1` for any.
   */
  readonly hour: string;
}

/** The same for every bucket, as the page shows it. */
export interface HistoryView {
  readonly slot_seconds: number;
  /** When the newest slot began, milliseconds since the Unix epoch. */
  readonly newest: number;
  /** By bucket, a character a slot as in {@link PastHour.hour}. */
  readonly buckets: readonly string[];
  /** By bucket the slots, from 0 for the oldest, from which on its flow took another of `ways`; null where it is not known. */
  readonly way: readonly (readonly (readonly [slot: number, way: number | null])[])[];
  readonly ways: readonly Way[];
  /** Mean round-trip time in milliseconds by path id and slot; null without an answer. */
  readonly rtt_ms: Readonly<Record<string, readonly (number | null)[]>>;
}

/** What is kept of one target. */
class Past {
  readonly history: BucketHistory;
  readonly ways: WayTable = new WayTable();
  readonly running: RunningSlot;
  /** Probes and failures of all buckets, by slot as in the history; see {@link count}. */
  readonly probes: Uint32Array = new Uint32Array(SLOTS);
  readonly failures: Uint32Array = new Uint32Array(SLOTS);
  changedAt: number | null = null;
  /** The hour but its newest slot, which alone changes, and which slot that is. */
  #older = "";
  #olderThan: number | undefined;

  constructor(buckets: number, slot: number) {
    this.history = new BucketHistory(buckets, slot);
    this.running = new RunningSlot(buckets);
  }

  /** Counts what runs for the slot it is in. */
  count(): void {
    const { probes, failures } = this.running.sums();
    const at = this.history.newest % SLOTS;
    this.probes[at] = probes;
    this.failures[at] = failures;
  }

  begin(slot: number): void {
    const before = this.history.newest;
    this.history.begin(slot);
    for (let passed = Math.max(before + 1, slot - SLOTS + 1); passed <= slot; passed += 1) {
      this.probes[passed % SLOTS] = 0;
      this.failures[passed % SLOTS] = 0;
    }
  }

  /** A character a slot, the oldest first. */
  hour(): string {
    const { newest } = this.history;
    if (this.#olderThan !== newest) {
      this.#olderThan = newest;
      const older = Array.from({ length: SLOTS - 1 }, (_, at) => newest - SLOTS + 1 + at);
      // Before the process began there are no slots.
      this.#older = older.map((slot) => (slot < 0 ? "-" : this.#text(slot))).join("");
    }
    return this.#older + this.#text(newest);
  }

  #text(slot: number): string {
    const probes = this.probes[slot % SLOTS] ?? 0;
    return probes === 0 ? "-" : String(ninthsOf(probes, this.failures[slot % SLOTS] ?? 0));
  }
}

/** Remembers the last hour of every target: states and round-trip times of its buckets, and the ways of their flows. */
export class TargetHistory implements EngineObserver {
  readonly #targets: Kept<Past> = new Kept();
  readonly #view: Pick<EngineView, "pathsOf" | "tellAnswers" | "traceOf">;
  #looked = 0;
  readonly #clock: { monotonic(): number; wall(): number };
  readonly #seen = (flow: ProbedFlow): RunningBucket["seen"] => this.#view.traceOf(flow)?.seen;

  constructor(
    view: Pick<EngineView, "pathsOf" | "tellAnswers" | "traceOf">,
    clock: { monotonic(): number; wall(): number },
  ) {
    this.#view = view;
    this.#clock = clock;
  }

  onExpected(flows: readonly ProbedFlow[]): void {
    const pasts: (Past | undefined)[] = [];
    for (const { target } of flows) pasts.push(this.#targets.of(target));
    let looked = 0;
    for (const [at, { bucket }] of flows.entries())
      looked += (pasts[at]?.running.glance(bucket) ?? 0) + (pasts[at]?.history.newest ?? 0);
    this.#looked += looked;
  }

  onOutcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    if (outcome.kind === "invalid") return;
    this.#current(flow.target, now).running.add(flow, outcome, this.#seen);
  }

  onChange(target: ProbedTarget, { event }: Change): void {
    if (event === "verdict") this.#current(target).changedAt = this.#clock.wall();
  }

  /** The last hour of a target in short. */
  past(target: ProbedTarget): PastHour {
    this.#view.tellAnswers(target);
    const past = this.#current(target);
    past.count();
    const { newest } = past.history;
    let [probes, failures] = [0, 0];
    for (let slot = Math.max(0, newest - RECENT_SLOTS + 1); slot <= newest; slot += 1) {
      probes += past.probes[slot % SLOTS] ?? 0;
      failures += past.failures[slot % SLOTS] ?? 0;
    }
    const success_ratio = probes === 0 ? null : (probes - failures) / probes;
    return { success_ratio, changed_at: past.changedAt, hour: past.hour() };
  }

  /** Reads the last hour of a target, a bucket a step. */
  *read(target: ProbedTarget): Generator<void, HistoryView> {
    this.#view.tellAnswers(target);
    const past = this.#current(target);
    this.#write(past);
    const { history, ways } = past;
    // While it is read a slot may end; what is told is the hour up to now.
    const { newest } = history;
    const since = this.#clock.monotonic() - newest * SLOT_MS;
    const began = Math.round(this.#clock.wall() - since);
    const slots = Array.from({ length: SLOTS }, (_, at) => newest - SLOTS + 1 + at);
    const used = new Map<number, number>();
    const shown: Way[] = [];
    const rtts = new Map<string, { sum: number; count: number }[]>();
    const buckets: string[] = [];
    const way: [number, number | null][][] = [];
    for (let bucket = 0; bucket < target.target.flowBuckets; bucket += 1) {
      let text = "";
      const turns: [number, number | null][] = [];
      for (const [at, slot] of slots.entries()) {
        const read = history.read(slot, bucket);
        text += read.ninths ?? "-";
        const taken = ways.way(read.way);
        if (taken !== undefined && !used.has(read.way)) used.set(read.way, shown.push(taken) - 1);
        const index = taken === undefined ? null : (used.get(read.way) ?? null);
        if (index !== (turns.at(-1)?.[1] ?? null)) turns.push([at, index]);
        if (taken?.path == null || read.rttMs === undefined) continue;
        const means = rtts.get(taken.path) ?? slots.map(() => ({ sum: 0, count: 0 }));
        rtts.set(taken.path, means);
        const mean = means[at] ?? { sum: 0, count: 0 };
        mean.sum += read.rttMs;
        mean.count += 1;
      }
      way.push(turns);
      buckets.push(text);
      yield;
    }
    return {
      slot_seconds: SLOT_MS / 1000,
      newest: began,
      buckets,
      way,
      ways: shown,
      rtt_ms: Object.fromEntries([...rtts].map(([path, means]) => [path, means.map(meanOf)])),
    };
  }

  /** What is kept of a target, its slot the one of this moment. */
  #current(target: ProbedTarget, now = this.#clock.monotonic()): Past {
    const slot = Math.floor(now / SLOT_MS);
    let past = this.#targets.of(target);
    if (past === undefined) {
      past = new Past(target.target.flowBuckets, slot);
      this.#targets.set(target, past);
    }
    if (slot > past.history.newest) {
      this.#write(past);
      past.count();
      past.running.clear();
      past.begin(slot);
    }
    return past;
  }

  /** Writes what runs into its slot. */
  #write(past: Past): void {
    past.running.each((bucket, { probes, failures, rttSum, flow, seen }) => {
      const answered = probes - failures;
      const died = 2 * failures >= probes ? (this.#view.traceOf(flow)?.seen ?? seen) : undefined;
      past.history.write(past.history.newest, bucket, {
        ninths: ninthsOf(probes, failures),
        way: this.#wayOf(past, flow, died),
        rttMs: answered === 0 ? undefined : rttSum / answered,
      });
    });
  }

  /** @param seen what answered while the flow failed, where it did for most of its slot, whatever it does by now */
  #wayOf({ ways, history }: Past, flow: ProbedFlow, seen: RunningBucket["seen"]): number {
    const path = this.#view.pathsOf(flow.target).topology.of(flow)?.path;
    const way =
      seen === undefined
        ? path && { path: path.id, hops: path.hops, cut: false }
        : { path: null, hops: answeredHops(seen), cut: true };
    return way === undefined ? NO_WAY : ways.number(way, () => history.waysInUse());
  }
}

/** The share of failures in ninths, at least one for any. */
function ninthsOf(probes: number, failures: number): number {
  return failures === 0 ? 0 : Math.max(1, Math.round((9 * failures) / probes));
}

function meanOf({ sum, count }: { sum: number; count: number }): number | null {
  return count === 0 ? null : Number((sum / count).toFixed(2));
}
