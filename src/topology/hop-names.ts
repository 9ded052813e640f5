import type { Clock } from "../clock.ts";

/** Asks for the names of an address; rejects where there is none, with a `code` that says why. */
export type ReverseLookup = (address: string) => Promise<readonly string[]>;

/** How long a name is taken for true, and that there is none. */
const NAME_MS = 3_600_000;
const NO_NAME_MS = 600_000;
/** A name server that does not answer, or not sensibly, is asked again sooner. */
const FAILED_MS = 60_000;
/** Answers that say for sure that there is no name (RFC 1035 NXDOMAIN, and no record). */
const NO_NAME: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);
/** A hop that nobody has asked for lately is forgotten; surveys ask every few minutes. */
const FORGET_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;
const LOOKUPS_AT_ONCE = 4;
const MAX_HOPS = 4096;

/** What is known of one address. */
interface Entry {
  name: string | undefined;
  /** When it is to be asked for again. */
  staleAt: number;
  wantedAt: number;
  waiting: boolean;
}

/**
 * The names of hops, from reverse DNS: asked for in the background, a few at once, kept for as long as hops are seen.
 * Whoever wants a name gets what is known by then, at once.
 */
export class HopNames {
  readonly #lookup: ReverseLookup;
  readonly #clock: Clock;
  readonly #entries: Map<string, Entry> = new Map();
  #queue: string[] = [];
  #running = 0;
  #enabled = false;
  #sweptAt = 0;
  #changes = 0;

  constructor(lookup: ReverseLookup, clock: Clock) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /** Whether names are looked up at all. Turned off, they are forgotten. */
  set enabled(enabled: boolean) {
    this.#enabled = enabled;
    if (enabled) return;
    this.#entries.clear();
    this.#queue = [];
    this.#changes += 1;
  }

  /** Grows with every name that comes, changes or goes. */
  get changes(): number {
    return this.#changes;
  }

  /** The hop was seen: its name is looked up, unless it is known. */
  want(address: string): void {
    if (!this.#enabled) return;
    const now = this.#clock.monotonic();
    this.#forgetOld(now);
    let entry = this.#entries.get(address);
    if (entry === undefined) {
      if (this.#entries.size >= MAX_HOPS) return;
      entry = { name: undefined, staleAt: now, wantedAt: now, waiting: false };
      this.#entries.set(address, entry);
    }
    entry.wantedAt = now;
    if (entry.waiting || now < entry.staleAt) return;
    entry.waiting = true;
    this.#queue.push(address);
    this.#begin();
  }

  /** The name of a hop; undefined where there is none, or none is known yet. */
  nameOf(address: string): string | undefined {
    return this.#entries.get(address)?.name;
  }

  /** Every hop that has a name, with it. */
  *named(): Generator<readonly [address: string, name: string]> {
    for (const [address, { name }] of this.#entries) if (name !== undefined) yield [address, name];
  }

  #begin(): void {
    while (this.#running < LOOKUPS_AT_ONCE) {
      const address = this.#queue.shift();
      if (address === undefined) return;
      const entry = this.#entries.get(address);
      if (entry === undefined) continue;
      this.#running += 1;
      void this.#ask(address, entry);
    }
  }

  async #ask(address: string, entry: Entry): Promise<void> {
    const before = entry.name;
    try {
      const names = await this.#lookup(address);
      entry.name = names.map(plain).find((name) => name !== undefined);
      entry.staleAt = this.#clock.monotonic() + (entry.name === undefined ? NO_NAME_MS : NAME_MS);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      // A name server that is down does not take a name away.
      if (NO_NAME.has(code)) entry.name = undefined;
      entry.staleAt = this.#clock.monotonic() + (NO_NAME.has(code) ? NO_NAME_MS : FAILED_MS);
    }
    if (entry.name !== before) this.#changes += 1;
    entry.waiting = false;
    this.#running -= 1;
    this.#begin();
  }

  #forgetOld(now: number): void {
    if (now - this.#sweptAt < FORGET_EVERY_MS) return;
    this.#sweptAt = now;
    for (const [address, { wantedAt, waiting }] of this.#entries) {
      if (!waiting && now - wantedAt > FORGET_MS) this.#entries.delete(address);
    }
  }
}

/** A host name as it is shown, without the root's dot. Whoever owns the address writes what he likes into it. */
function plain(name: string): string | undefined {
  const text = name.replace(/\.$/, "");
  return /^[\w.-]{1,253}$/.test(text) ? text : undefined;
}
