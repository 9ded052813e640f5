import type { ProbedFlow } from "../probe/probed-flow.ts";
import { CirclingHops, loopTtlOf } from "./loops.ts";
import type { Spot } from "./paced-probe.ts";
import type { RefusedLook } from "./refused-look.ts";
import { withoutRepeats } from "./repeated-hops.ts";
import { Sweep, type SweepResult } from "./sweep.ts";

/** Why a flow is swept (values of the `purpose` label). */
export const TRACE_PURPOSES = ["failure", "survey", "control"] as const;
export type TracePurpose = (typeof TRACE_PURPOSES)[number];

/** A hop that keeps silent to the sweep of a failing flow which met it while it worked. */
export interface DoubtedHop {
  readonly hop: string;
  readonly ttl: number;
}

/** Numbers that sweeps go by. */
export interface TraceSettings {
  /** No TTL above this is asked. */
  readonly maxHops: number;
  /** Packets for a TTL that stays silent. */
  readonly attempts: number;
}

/** What the sweeps of one flow say so far. */
export interface TraceResult {
  /** Address of the hop with the highest TTL that answered, or of the destination if it did; `none` if nobody did. */
  readonly lastHop: string;
  /** Its TTL; null where that is not known. */
  readonly lastHopTtl: number | null;
  /** Who answered, by TTL from 1, as far as a loop begins; null for silence. */
  readonly seen: readonly (string | null)[];
  /** A packet of the flow reached the destination and its answer came back during or after the sweep. */
  readonly reached: boolean;
  /** The lowest TTL at which the destination answered. */
  readonly destinationTtl: number | undefined;
  /** The last sweep's hops below the destination; empty where the destination did not answer it. */
  readonly way: readonly (string | null)[];
  /** When the last sweep from the first hop on ended, in milliseconds of the engine's clock; later ones look behind its end alone. */
  readonly wholeAt: number;
  /** The first TTL that the last sweep asked, where that was not 1. */
  readonly from?: number;
  /** Hops that this flow and others of its target lately met inside a loop, behind where it begins, where there are any. */
  readonly circling?: readonly string[];
}

/** A flow that the destination answered during a sweep, and that has failed so often in a row since, died after it. */
const DIED_SINCE = 2;
/** Silent hops in a row after which a first sweep ends; later ones look further, the last as far as allowed. */
const LOOKAHEADS = [5, 12] as const;
/** A full traceroute every so many sweeps; the others look beyond the last hop, which spares it and those before it. */
const FULL_EVERY = 3;
/** The first pause before a failing flow is swept again; each sweep that finds the same doubles it. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;

/**
 * The sweeps of one flow while it goes on failing, taken together: since a router may rate limit its answers, one sweep's
 * last hop is a lower bound, and later ones can only add to it until a full traceroute says otherwise.
 */
export class Trace {
  readonly flow: ProbedFlow;
  readonly purpose: TracePurpose;
  readonly startedAt: number;
  /** The sweep under way. */
  sweep: Sweep | undefined;
  /** All sweeps found the same so far. */
  result: TraceResult | undefined;
  /** A survey that waits for what others are asked is looked at again then. */
  waitsUntil = 0;
  /** What it was refused when it was looked at last. */
  refused: RefusedLook | undefined;
  /** Its place in the order in which surveys are served; lowest first. */
  rank = 0;
  /** By TTL: what a packet of the sweep asked last, so that it is not put together at every look. */
  readonly spots: Spot[] = [];
  /** When the flow may be swept again. */
  nextSweepAt = 0;
  /** The flow has worked since, while a sweep of it was under way. */
  #hasWorked = false;
  /** Failures of the flow in a row when the last sweep ended. */
  #failuresAtEnd = 0;
  /** The last packet of a sweep asks whether the flow still fails: whether it was sent, and what came of it. */
  confirm: "due" | "sent" | "answered" | "silent" | "none" = "none";
  /** The hop that a control is about; undefined for one about all of the way, and for other traces. */
  readonly doubted: DoubtedHop | undefined;
  readonly #settings: TraceSettings;
  #sweeps = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #seen: (string | null)[] = [];
  /** The flow's hops while it worked, as far as they are known. */
  #path: readonly (string | null)[] = [];

  constructor(
    flow: ProbedFlow,
    purpose: TracePurpose,
    settings: TraceSettings,
    now: number,
    doubted?: DoubtedHop,
  ) {
    this.doubted = doubted;
    this.flow = flow;
    this.purpose = purpose;
    this.#settings = settings;
    this.startedAt = now;
  }

  /** The flow works. @returns whether a sweep of it is under way */
  works(): boolean {
    this.#hasWorked = true;
    return this.sweep !== undefined;
  }

  /**
   * Whether it is of the flow's failures. What it found while the flow lost a part says nothing of where one that is dead now ends.
   */
  tells(): boolean {
    return this.purpose === "failure" && !this.isOutdated;
  }

  /**
   * Whether the flow fails anew since the sweep began, which met what was there before: it worked meanwhile, or the destination answered the
   * last sweep. Where what follows a SYN is lost, the destination answers each.
   */
  get isOutdated(): boolean {
    const { failures, unfinished } = this.flow;
    if (this.#hasWorked && failures > 0) return true;
    const since = failures - this.#failuresAtEnd;
    return this.result?.reached === true && !unfinished && since >= DIED_SINCE;
  }

  /** The same flow's, of which nothing is found yet. @param nextSweepAt when it may be swept */
  anew(now: number, nextSweepAt: number): Trace {
    const trace = new Trace(this.flow, this.purpose, this.#settings, now, this.doubted);
    trace.nextSweepAt = nextSweepAt;
    return trace;
  }

  /** Whether the flow's way while it worked is known, as far as its last sweep goes by it. */
  get isOfKnownWay(): boolean {
    return this.#path.length > 0;
  }

  /** Has the flow swept from the first hop on, as soon as there is room. */
  sweepWhole(now: number): void {
    this.#sweeps = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.nextSweepAt = now;
  }

  /**
   * Begins a sweep.
   * @param distance TTL at which the destination is known to answer other flows; undefined where it is not known
   * @param path the flow's hops as far as they are known
   */
  begin(distance: number | undefined, path: readonly (string | null)[] = []): Sweep {
    this.#path = path;
    const full = this.#sweeps % FULL_EVERY === 0;
    const lookahead =
      LOOKAHEADS[Math.min(this.#sweeps, LOOKAHEADS.length)] ?? this.#settings.maxHops;
    // Paths of unequal length differ by a hop or two, so the known distance is a floor for how far to look.
    const survey = this.purpose === "survey";
    const control = this.purpose === "control";
    const margin = survey ? 0 : 1;
    const reach = distance === undefined ? lookahead : Math.max(distance + margin, 2);
    // What stands before a hop that is in doubt has answers to give to others.
    const known = this.doubted ? path.slice(0, this.doubted.ttl - 1) : full ? [] : this.#seen;
    this.sweep = new Sweep({
      from: known.length + 1,
      known,
      // A survey that meets no destination where it was expected looks further.
      maxHops: Math.min(this.#settings.maxHops, distance === undefined || survey ? 255 : reach),
      attempts: this.#settings.attempts,
      lookahead: reach,
      thorough: survey || control,
    });
    this.confirm = "none";
    this.#sweeps += 1;
    return this.sweep;
  }

  /**
   * Whether the sweep under way is over: its traceroute is done and, where the destination did not answer, it was asked
   * once more.
   */
  get isOver(): boolean {
    if (this.sweep === undefined || !this.sweep.done) return false;
    if (this.confirm === "none") {
      const reached = this.sweep.result().destinationTtl !== undefined;
      this.confirm = reached || this.purpose === "survey" ? "answered" : "due";
    }
    return this.confirm === "answered" || this.confirm === "silent";
  }

  /** Whether the sweeps so far ended before this TTL; false before the first has ended, and so for a survey. */
  endsBefore(ttl: number): boolean {
    return this.result !== undefined && ttl > (this.result.lastHopTtl ?? 0);
  }

  /**
   * Ends the sweep under way and says what all of them found.
   * @param circling hops that flows of this target met in loops
   */
  finish(now: number, circling: CirclingHops = new CirclingHops()): TraceResult {
    const found = this.sweep?.result();
    this.sweep = undefined;
    const before = this.result;
    this.result = this.#merge(found, circling, now);
    this.#failuresAtEnd = this.flow.failures;
    const same = before?.lastHop === this.result.lastHop;
    this.#pauseMs = same ? Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    this.nextSweepAt = now + this.#pauseMs;
    return this.result;
  }

  /** Looks at what the sweeps found again, by what other flows have shown of loops since. */
  reconsider(known: CirclingHops, now: number): void {
    const { result } = this;
    if (this.purpose !== "failure" || result === undefined || result.reached) return;
    const signs = { repeated: undefined, told: false, path: this.#path };
    const way = known.wayOf(this.#seen, signs, now);
    if (way.length === this.#seen.length) return;
    this.#seen = [...way];
    this.result = { ...result, seen: [...way], ...this.#lastSeen() };
  }

  #lastSeen(): Pick<TraceResult, "lastHop" | "lastHopTtl"> {
    const at = this.#seen.findLastIndex((hop) => hop !== null);
    return { lastHop: this.#seen[at] ?? "none", lastHopTtl: at < 0 ? null : at + 1 };
  }

  #merge(found: SweepResult | undefined, known: CirclingHops, now: number): TraceResult {
    const seen = found?.seen ?? [];
    const destination = this.flow.target.target.address.text;
    const full = (this.#sweeps - 1) % FULL_EVERY === 0;
    // A full traceroute replaces what lies beyond its end: the fault may have moved nearer.
    const length = full ? seen.length : Math.max(seen.length, this.#seen.length);
    const all = Array.from({ length }, (_, at) => seen[at] ?? this.#seen[at] ?? null);
    // A sweep that began inside a loop sees it repeat later than the whole traceroute does.
    const loop = loopTtlOf(all);
    const met = loop === undefined ? all : all.slice(0, loop - 1);
    const signs = {
      repeated: (loop === undefined ? found?.repeated : all[loop - 1]) ?? undefined,
      told: this.flow.lastFailure?.reason === "ttl_exceeded",
      path: this.#path,
    };
    this.#seen = withoutRepeats(known.wayOf(met, signs, now));
    const left = met.filter((hop) => hop !== null && !this.#seen.includes(hop));
    const circling = [...new Set([...left, ...known.lately(now)])];
    const reached = found?.destinationTtl !== undefined || this.confirm === "answered";
    const way = found?.way ?? [];
    // A survey that met a hop of a loop saw the network change: half of what it found is of before.
    const isMixed = this.purpose === "survey" && known.leadsInto(way, this.#path, now);
    const merged = {
      seen: [...this.#seen],
      wholeAt: full ? now : (this.result?.wholeAt ?? now),
      reached,
      destinationTtl: isMixed ? undefined : found?.destinationTtl,
      // A balancer that answers an expired TTL under the virtual address is no hop before itself.
      way: isMixed ? [] : way.map((hop) => (hop === destination ? null : hop)),
      ...(circling.length > 0 && { circling: circling as string[] }),
      ...(this.doubted && { from: this.doubted.ttl }),
    };
    if (reached) {
      return { ...merged, lastHop: destination, lastHopTtl: found?.destinationTtl ?? null };
    }
    // A router that refuses to pass a packet on has answered for the TTL behind it; it stands where it was seen.
    const rejecting = found?.rejectedBy;
    if (rejecting !== undefined) {
      const at = this.#seen.lastIndexOf(rejecting);
      return { ...merged, lastHop: rejecting, lastHopTtl: at < 0 ? null : at + 1 };
    }
    return { ...merged, ...this.#lastSeen() };
  }
}
