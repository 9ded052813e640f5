import { SLICES, type WindowMemory } from "./window-memory.ts";
import { WindowRecord } from "./window-record.ts";

/** How far back probes count. */
export const WINDOW_MS = 300_000;
/** In what steps they are forgotten. */
export const SLICE_MS: number = WINDOW_MS / SLICES;
/**
 * A flow that failed this often in a row was dead, surely enough to forget its failures once it works again. One more than
 * localisation wants to hold a flow for dead: what is forgotten cannot be weighed again.
 */
export const FORGETTABLE_STREAK = 4;
/** A flow that was dead and then works this often in a row has recovered, whatever others do. */
const RECOVERED_STREAK = 3;

/** The counts of one flow in the window. */
export interface FlowCounts {
  readonly probes: number;
  readonly failures: number;
  /** Failures in a row up to now. */
  readonly streak: number;
}

/** When a flow failed; milliseconds. */
interface FailureTimes {
  /** When an answer came after a failure last. */
  cameBackAt: number;
  /** See the window's accessors. */
  failingSince: number;
  failedAt: number;
  recoveredAt: number;
  outageMs: number;
  streakSince: number;
}

/** Of all flows that have not failed yet: most never do. */
const NEVER_FAILED: Readonly<FailureTimes> = {
  cameBackAt: Number.NEGATIVE_INFINITY,
  failingSince: 0,
  failedAt: Number.NEGATIVE_INFINITY,
  recoveredAt: Number.NEGATIVE_INFINITY,
  outageMs: 0,
  streakSince: 0,
};

/**
 * One flow's probes of the last five minutes in slices of time, with running sums: a ring of counts, probes and
 * failures side by side, whose newest slice is `slice % SLICES`.
 */
export class FlowWindow extends WindowRecord {
  /** Whose it is. */
  readonly flow: object | undefined;
  #failureTimes: FailureTimes = NEVER_FAILED;

  /** @param memory where its numbers are kept @param flow whose it is */
  constructor(now: number, memory: WindowMemory, flow?: object) {
    super(memory);
    this.flow = flow;
    this.slice = Math.floor(now / SLICE_MS);
    this.begunAt = now;
    this.quietFrom = now;
  }

  /** When the first of the failures in the window was; of no meaning while there is none. */
  get failingSince(): number {
    return this.#failureTimes.failingSince;
  }

  /** When the last probe failed; minus infinity for never. */
  get failedAt(): number {
    return this.#failureTimes.failedAt;
  }

  /** When its failures were forgotten last, because the fault was held to be over. */
  get recoveredAt(): number {
    return this.#failureTimes.recoveredAt;
  }

  /** How long the fault had lasted that was held to be over, from the first failure to the last; milliseconds. */
  get outageMs(): number {
    return this.#failureTimes.outageMs;
  }

  /** When the first of the failures in a row up to now ended; of no meaning while there is none. */
  get streakSince(): number {
    return this.#failureTimes.streakSince;
  }

  /** Reads what the next probe will write. @returns a number without a meaning */
  glance(): number {
    const newest = this.bySlice[this.#at(this.slice)] ?? 0;
    return this.lastAt + this.streak + this.sinceFailing + newest;
  }

  /** When what is counted began, as of the last probe. */
  get from(): number {
    return Math.max(this.begunAt, this.lastAt - WINDOW_MS);
  }

  /** It was dead and has answered since, too seldom yet to call it healed by itself. */
  get isReviving(): boolean {
    return this.deadStreak > 0;
  }

  /** Whether it failed and then answered within the window, as a path that loses a part makes flows do. */
  isIntermittent(now: number): boolean {
    return (
      this.failures > 0 && !this.isReviving && now - this.#failureTimes.cameBackAt <= WINDOW_MS
    );
  }

  /**
   * About how many of the probes in the window ended from `start` to `end`. A flow that fails is probed more often to confirm that, so
   * what ended before its first failure, until its last and since is each spread evenly by itself.
   */
  probesBetween(start: number, end: number): number {
    const { from } = this;
    const share = (probes: number, first: number, last: number): number => {
      if (last <= first) return first >= start && first <= end ? probes : 0;
      const overlap = Math.min(end, last) - Math.max(start, first);
      return (probes * Math.max(0, overlap)) / (last - first);
    };
    if (this.failures === 0) return share(this.probes, from, this.lastAt);
    const since = Math.min(this.sinceFailing, this.probes);
    const answered = Math.min(this.answered, since);
    const onset = Math.max(from, this.failingSince);
    return (
      share(this.probes - since, from, onset) +
      share(since - answered, onset, Math.max(onset, this.failedAt)) +
      share(answered, Math.max(onset, this.failedAt), this.lastAt)
    );
  }

  /** About how many probes were answered after `time`; only those since the last failure count. */
  answeredAfter(time: number): number {
    const span = this.lastAt - this.quietFrom;
    if (time <= this.quietFrom || span <= 0) return this.answered;
    return (this.answered * Math.max(0, this.lastAt - time)) / span;
  }

  /** A valid probe ended. @param mayRecover whether answers after death may mean that it is over */
  add(failed: boolean, now: number, mayRecover = true): void {
    this.#advance(now);
    this.lastAt = now;
    if (failed) {
      if (this.streak === 0) this.#times.streakSince = now;
      this.streak += 1;
      this.deadStreak = 0;
      this.answered = 0;
      this.quietFrom = now;
      this.#times.failedAt = now;
    } else {
      if (this.streak > 0) this.#times.cameBackAt = now;
      if (this.streak >= FORGETTABLE_STREAK) this.deadStreak = this.streak;
      this.streak = 0;
      this.answered += 1;
    }
    const at = this.#at(this.slice);
    this.probes += 1;
    this.bySlice[at] = (this.bySlice[at] ?? 0) + 1;
    if (failed) {
      if (this.failures === 0) {
        this.#times.failingSince = now;
        this.sinceFailing = 0;
      }
      this.failures += 1;
      this.bySlice[at + 1] = (this.bySlice[at + 1] ?? 0) + 1;
    }
    this.sinceFailing += 1;
    if (failed || !this.isReviving || this.answered < RECOVERED_STREAK) return;
    if (mayRecover) this.recover();
    else this.deadStreak = 0;
  }

  /** The sums over the window that ends now, whatever their order says. */
  sums(now: number): FlowCounts {
    this.#advance(now);
    const failures = this.failures;
    return { probes: this.probes, failures, streak: Math.min(this.streak, failures) };
  }

  /**
   * The sums over the window that ends now. A flow that was dead and has just begun to answer counts as dead until
   * more is known: its neighbours, not probed yet since the fault was healed, look dead too.
   */
  counts(now: number): FlowCounts {
    const sums = this.sums(now);
    if (!this.isReviving) return sums;
    const { failures } = sums;
    const probes = Math.max(failures, this.probes - this.answered);
    return { probes, failures, streak: Math.min(this.deadStreak, failures) };
  }

  /** Hands out how many probes each slice of the window that ends now has; a slice's number is its beginning in {@link SLICE_MS}. */
  eachSlice(now: number, take: (slice: number, probes: number) => void): void {
    this.#advance(now);
    for (let slice = this.slice - SLICES + 1; slice <= this.slice; slice += 1) {
      if (slice >= 0) take(slice, this.bySlice[this.#at(slice)] ?? 0);
    }
  }

  /**
   * The fault is over: forgets everything up to the last failure, and keeps the answers since.
   * @param since when it began, where other flows have shown that
   */
  recover(since: number = this.failingSince): void {
    this.bySlice.fill(0, this.first, this.first + 2 * SLICES);
    this.bySlice[this.#at(this.slice)] = this.answered;
    this.probes = this.answered;
    this.begunAt = this.quietFrom;
    this.failures = 0;
    this.deadStreak = 0;
    this.#times.cameBackAt = Number.NEGATIVE_INFINITY;
    this.#times.recoveredAt = this.lastAt;
    this.#times.outageMs = this.failedAt - since;
  }

  /** What it lost before it died was another fault's, which is over: keeps the failures in a row up to now alone. */
  forgetBeforeDeath(): void {
    const at = this.#at(this.slice);
    // A row that is longer than the window has only what is in the window.
    const kept = Math.min(this.streak, this.failures);
    this.bySlice.fill(0, this.first, this.first + 2 * SLICES);
    this.bySlice[at] = kept;
    this.bySlice[at + 1] = kept;
    this.probes = kept;
    this.failures = kept;
    this.sinceFailing = kept;
    this.begunAt = this.streakSince;
    this.#times.failingSince = this.streakSince;
    this.#times.cameBackAt = Number.NEGATIVE_INFINITY;
  }

  /** Its own times, to write into. */
  get #times(): FailureTimes {
    if (this.#failureTimes === NEVER_FAILED) this.#failureTimes = { ...NEVER_FAILED };
    return this.#failureTimes;
  }

  /** Where the probes of a slice stand; their failures stand behind them. */
  #at(slice: number): number {
    return this.first + 2 * (slice % SLICES);
  }

  #advance(now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    for (let passed = Math.min(slice - this.slice, SLICES); passed > 0; passed -= 1) {
      const at = this.#at(slice - passed + 1);
      this.probes -= this.bySlice[at] ?? 0;
      this.failures -= this.bySlice[at + 1] ?? 0;
      this.bySlice[at] = 0;
      this.bySlice[at + 1] = 0;
    }
    this.slice = slice;
  }
}
