import { loopTtlOf } from "./loops.ts";
import { withoutRepeats } from "./repeated-hops.ts";

/** What a sweep found at one TTL. */
interface TtlState {
  /** Who answered; null while nobody did. */
  hop: string | null;
  /** It answered for a packet that had no TTL left when it came. */
  early: boolean;
  /** Packets sent. */
  sent: number;
  /** Packets sent whose silence says something (see {@link Sweep.silent}). */
  silences: number;
  /** Packets sent whose answer may still come. */
  pending: number;
}

/** A TTL whose silence always has an excuse is given up after so many packets for each attempt. */
const MAX_SENT_PER_ATTEMPT = 4;

/** How a sweep goes about it. */
export interface SweepOptions {
  /** The first TTL asked; those below are taken as known. */
  readonly from: number;
  /** Who answered below that in sweeps before, by TTL from 1; null where nobody did. */
  readonly known?: readonly (string | null)[];
  /** No TTL above this is asked. */
  readonly maxHops: number;
  /** Silences after which a TTL is taken as silent. */
  readonly attempts: number;
  /**
   * How far beyond the highest answering TTL is asked while the destination has not answered: a run of silent hops
   * longer than this ends the sweep early.
   */
  readonly lookahead: number;
  /** Every TTL up to the destination is asked until it answers or is taken as silent, for the path's sake. */
  readonly thorough?: boolean;
}

/** What a finished sweep says. */
export interface SweepResult {
  /** Who answered, by TTL from 1; null where nobody did or nobody was asked. Ends at the last that answered. */
  readonly seen: readonly (string | null)[];
  /** The highest TTL that a router answered; 0 where none did. */
  readonly lastTtl: number;
  /** The lowest TTL at which the destination answered; undefined where it did not. */
  readonly destinationTtl: number | undefined;
  /** Everything below the destination, silent hops before it included; empty where the destination did not answer. */
  readonly way: readonly (string | null)[];
  /** Who refused to pass packets on (ICMP unreachable from a router); undefined where nobody did. */
  readonly rejectedBy: string | undefined;
  /** The TTL from which on the hops repeat: a routing loop. */
  readonly loopTtl: number | undefined;
  /** The hop that answers there, and answered before. */
  readonly repeated: string | undefined;
}

/**
 * The traceroute of one flow as a state machine without sockets or clock: it says which TTLs to ask, and is told of
 * answers and silences. TTLs below the highest that answered are asked once, for the path; those above it are asked
 * until they have been silent `attempts` times, because the last hop hangs on them.
 *
 *     TTL   1    2    3    4    5    6
 *          r1    *   r8    ?    ?    ?        highest = 3; 2 is not asked again, 4 to 6 are
 */
export class Sweep {
  readonly #options: SweepOptions;
  readonly #ttls: TtlState[] = [];
  #highest = 0;
  #destination: number | undefined;
  #rejected: { ttl: number; by: string } | undefined;
  #loop: number | undefined;
  /** What {@link wanted} said last, until something has changed. */
  #wanted: readonly number[] | undefined;
  #revision = 0;
  /** Packets of all TTLs whose answer may still come. */
  #pending = 0;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** The TTLs that may be asked now, the most useful first; empty while answers must be waited for. */
  wanted(): readonly number[] {
    this.#wanted ??= this.#wantedNow();
    return this.#wanted;
  }

  /** Another number whenever something has changed that {@link wanted} goes by. */
  get revision(): number {
    return this.#revision;
  }

  /** A packet with this TTL was sent. */
  asked(ttl: number): void {
    this.#changed();
    const state = this.#ttl(ttl);
    state.sent += 1;
    state.pending += 1;
    this.#pending += 1;
  }

  /**
   * The TTL of a packet ran out at `hop`. Answers after their time are welcome too.
   * @param quotedTtl what was left of the TTL there
   */
  answered(ttl: number, hop: string, quotedTtl = 1): void {
    this.#changed();
    const state = this.#ttl(ttl);
    if (state.hop === null) state.early = quotedTtl === 0;
    state.hop ??= hop;
    this.#loop = loopTtlOf(this.#ttls.map((other) => other.hop));
    if (ttl > this.#highest && ttl < (this.#loop ?? Infinity)) this.#highest = ttl;
  }

  /** The destination answered a packet with this TTL. */
  reached(ttl: number): void {
    this.#changed();
    this.#destination = Math.min(this.#destination ?? ttl, ttl);
  }

  /** A router refused to pass a packet with this TTL on. */
  rejected(ttl: number, by: string): void {
    this.#changed();
    if (this.#rejected === undefined || ttl < this.#rejected.ttl) this.#rejected = { ttl, by };
  }

  /** A packet with this TTL can no longer be answered in time, or was answered. */
  settled(ttl: number): void {
    this.#changed();
    const state = this.#ttl(ttl);
    if (state.pending === 0) return;
    state.pending -= 1;
    this.#pending -= 1;
  }

  /** Silence on a packet with this TTL that a rate limit of ICMP errors does not explain. */
  silent(ttl: number): void {
    this.#changed();
    this.#ttl(ttl).silences += 1;
  }

  /** Who answered at this TTL, null where nobody has. */
  hopAt(ttl: number): string | null {
    return this.#ttls[ttl - 1]?.hop ?? null;
  }

  /** What stands before a TTL: who answered at the TTL before, `source` before the first; null where nobody has. */
  before(ttl: number): string | null {
    if (ttl === 1) return "source";
    return this.hopAt(ttl - 1) ?? this.#options.known?.[ttl - 2] ?? null;
  }

  /** Whether it is still to be found out who answers at this TTL. */
  isOpen(ttl: number): boolean {
    const state = this.#ttl(ttl);
    return state.hop === null && (state.pending > 0 || this.#mayAsk(state));
  }

  /** Whether an answer to a packet with this TTL may still come. */
  isAwaited(ttl: number): boolean {
    return (this.#ttls[ttl - 1]?.pending ?? 0) > 0;
  }

  /** How often this TTL was asked. */
  asksAt(ttl: number): number {
    return this.#ttls[ttl - 1]?.sent ?? 0;
  }

  /**
   * Takes a hop as known without asking, because all flows share it.
   * @param hop null for one that is known to be silent
   */
  give(ttl: number, hop: string | null): void {
    this.#changed();
    const state = this.#ttl(ttl);
    state.hop ??= hop;
    if (hop === null) state.silences = this.#options.attempts;
  }

  /** Nothing more to ask and nothing to wait for. */
  get done(): boolean {
    return this.#pending === 0 && this.wanted().length === 0;
  }

  /** What was found; call it when the sweep is {@link done}. */
  result(): SweepResult {
    const end = this.#loop ?? Infinity;
    const hops = withoutRepeats(
      this.#ttls.map(({ hop }) => hop),
      (index) => this.#ttls[index]?.early === true,
    );
    const top = hops.findLastIndex((hop, at) => hop !== null && at + 1 < end) + 1;
    return {
      seen: hops.slice(0, top),
      lastTtl: top,
      destinationTtl: this.#destination,
      way: Array.from({ length: (this.#destination ?? 1) - 1 }, (_, at) => hops[at] ?? null),
      rejectedBy: this.#rejected?.by,
      loopTtl: this.#loop,
      repeated: this.#loop === undefined ? undefined : (this.hopAt(this.#loop) ?? undefined),
    };
  }

  #changed(): void {
    this.#wanted = undefined;
    this.#revision += 1;
  }

  #wantedNow(): number[] {
    const wanted: { ttl: number; sent: number }[] = [];
    for (let ttl = this.#options.from; ttl <= this.#top(); ttl += 1) {
      const state = this.#ttl(ttl);
      if (state.hop !== null || state.pending > 0) continue;
      const again = this.#options.thorough || (ttl > this.#highest && !this.#ended());
      if (state.sent > 0 && !again) continue;
      if (this.#mayAsk(state)) wanted.push({ ttl, sent: state.sent });
    }
    return wanted.sort((a, b) => a.sent - b.sent || a.ttl - b.ttl).map(({ ttl }) => ttl);
  }

  #mayAsk({ silences, sent }: TtlState): boolean {
    const { attempts } = this.#options;
    return silences < attempts && sent < attempts * MAX_SENT_PER_ATTEMPT;
  }

  #ended(): boolean {
    return (
      this.#destination !== undefined || this.#rejected !== undefined || this.#loop !== undefined
    );
  }

  #top(): number {
    const end = Math.min(
      this.#destination ?? Infinity,
      this.#rejected?.ttl ?? Infinity,
      this.#loop ?? Infinity,
    );
    const reach = Math.max(this.#highest, this.#options.from - 1) + this.#options.lookahead;
    return Math.min(this.#options.maxHops, end === Infinity ? reach : end - 1);
  }

  #ttl(ttl: number): TtlState {
    while (this.#ttls.length < ttl) {
      this.#ttls.push({ hop: null, early: false, sent: 0, silences: 0, pending: 0 });
    }
    return this.#ttls[ttl - 1] as TtlState;
  }
}
