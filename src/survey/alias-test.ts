import type { ProbedFlow } from "../probe/probed-flow.ts";

/** An address that answers, and what is sent to ask it: a packet of this flow runs out there with this TTL. */
export interface Reached {
  readonly address: string;
  readonly flow: ProbedFlow;
  readonly ttl: number;
}

/** What a test found; an address of which it found nothing is in neither list. */
export interface AliasFindings {
  /** Addresses whose answers come out of the pivot's rate limit: they are its router's. */
  readonly same: readonly string[];
  /** Addresses that answered while the pivot's rate limit was used up. */
  readonly apart: readonly string[];
  /** The pivot answered all or most of what it was asked: its limit, if it has one, lies higher. */
  readonly isUnlimited: boolean;
}

/** Turns in which the pivot alone is asked: more than the burst of a stock Linux router (6, XRLIM_BURST_FACTOR). */
const DRAIN = 12;
/**
 * Turns from one other address to the next, by pass: first all of them, quickly, then twice more slowly those that were silent, since what
 * they answer in between may use up a limit that several of them share.
 */
const SPACINGS = [1, 2, 2] as const;
/** From one silent address to the next once the pivot is left alone: a stock Linux router answers once a second then. */
const TOKEN_MS = 1100;
/** How often such an address is asked then until it answers. */
const TRIES = 3;
/** The pivot must have been silent to this share of what it was asked by then, or its limit was not used up. */
const MOSTLY = 0.5;
/** Answers of others, over all passes, that show that no rate limit on the way back is what was used up. */
const WITNESSED = 2;
/** From here on the pivot's silences count for its limit, in turns: a burst is over by then. */
const BURST = 7;

/**
 * Finds out which addresses are one router's by the rate limit that all ICMP errors of a router to one asker come out of
 * (RFC 4443 section 2.4 (f); alias resolution by limited ICMP, Vermeulen et al., PAM 2020). One address, the pivot, is
 * asked until its limit is used up, and kept so; an address that answers meanwhile is another router's, one that stays
 * silent three times and answers afterwards is the same router's. A script of turns of equal length, without clock or sockets.
 */
export class AliasTest {
  readonly #pivot: Reached;
  readonly #others: readonly Reached[];
  readonly #witness: Reached | undefined;
  readonly #waitTurns: number;
  readonly #tokenTurns: number;
  readonly #steps: Generator<readonly Reached[], void>;
  /** What the pivot answered, in order. */
  readonly #drained: boolean[] = [];
  readonly #silences: Map<string, number> = new Map();
  readonly #apart: Set<string> = new Set();
  readonly #alive: Set<string> = new Set();
  #witnessed = 0;
  #isDraining = true;
  #isSpoiled = false;
  #isOver = false;

  /**
   * @param others that may be the pivot's router's
   * @param witness a hop of the pivot's flow that is another router, if one is known
   * @param turnMs milliseconds from one turn to the next
   * @param answeredWithinMs when a packet counts as not answered
   */
  constructor(
    pivot: Reached,
    others: readonly Reached[],
    witness: Reached | undefined,
    { turnMs, answeredWithinMs }: { readonly turnMs: number; readonly answeredWithinMs: number },
  ) {
    this.#pivot = pivot;
    this.#others = others;
    this.#witness = witness;
    this.#waitTurns = Math.ceil(answeredWithinMs / turnMs) + 1;
    this.#tokenTurns = Math.max(this.#waitTurns, Math.ceil(TOKEN_MS / turnMs));
    this.#steps = this.#run();
  }

  /** Who is asked in this turn, in this order; undefined once the test is over. */
  next(): readonly Reached[] | undefined {
    if (this.#isOver || this.#isSpoiled) return undefined;
    const { value, done } = this.#steps.next();
    this.#isOver = done === true;
    return value ?? undefined;
  }

  /** Whether all flows are still probed and work. */
  get stands(): boolean {
    return [this.#pivot, ...this.#others].every(({ flow }) => flow.active && flow.state === "up");
  }

  /** Whether the pivot's limit is still being used up; what is asked after that is one address a second. */
  get isDraining(): boolean {
    return this.#isDraining && !this.#isOver;
  }

  /** The pivot and the addresses that may share its limit by what is known now. */
  get open(): readonly string[] {
    const silent = this.#others.filter((other) => this.#isSilent(other));
    return [this.#pivot, ...silent].map(({ address }) => address);
  }

  /** Takes what became of a packet. @param responder who answered it; null for silence */
  told(asked: Reached, responder: string | null): void {
    const isOwn = responder === asked.address;
    if (responder !== null && !isOwn) {
      // The flow no longer gets there: what else it said may be of before.
      this.#isSpoiled ||= asked === this.#pivot;
      this.#silences.delete(asked.address);
      return;
    }
    if (asked === this.#pivot) this.#drained.push(isOwn);
    else if (asked === this.#witness) this.#witnessed += isOwn ? 1 : 0;
    else if (!this.#isDraining) {
      if (isOwn) this.#alive.add(asked.address);
    } else if (isOwn) this.#apart.add(asked.address);
    else this.#silences.set(asked.address, (this.#silences.get(asked.address) ?? 0) + 1);
  }

  /** What was found, once the test is over. */
  findings(): AliasFindings {
    const isSure = !this.#isSpoiled && this.#isUsedUp();
    const isWitnessed = this.#witnessed + this.#apart.size >= WITNESSED;
    return {
      same: isSure && isWitnessed ? this.open.filter((address) => this.#alive.has(address)) : [],
      apart: isSure ? [...this.#apart] : [],
      isUnlimited: !this.#isSpoiled && !isSure,
    };
  }

  *#run(): Generator<readonly Reached[], void> {
    yield* this.#drain(DRAIN);
    for (const [pass, spacing] of SPACINGS.entries()) {
      const asked = this.#others.filter(({ address }) => !this.#apart.has(address));
      if (asked.length === 0) break;
      for (const each of this.#witness === undefined ? asked : [this.#witness, ...asked]) {
        yield* this.#drain(spacing - 1);
        yield [this.#pivot, each];
        if (this.#answersAll()) return;
      }
      // Those that answered the first time are not asked again.
      if (pass === 0) yield* this.#drain(this.#waitTurns);
    }
    yield* this.#drain(this.#waitTurns);
    this.#isDraining = false;
    // Each of them has an answer to give by then, if it was the limit that kept it silent, and nobody else takes it.
    for (const each of this.#others.filter((other) => this.#isSilent(other))) {
      for (let tries = 0; tries < TRIES && !this.#alive.has(each.address); tries += 1) {
        yield* pause(this.#tokenTurns - this.#waitTurns);
        yield [each];
        yield* pause(this.#waitTurns);
      }
    }
  }

  *#drain(turns: number): Generator<readonly Reached[], void> {
    for (let turn = 0; turn < turns; turn += 1) yield [this.#pivot];
  }

  /** Whether an address was silent whenever it was asked while the pivot's limit was used up. */
  #isSilent({ address }: Reached): boolean {
    return this.#silences.get(address) === SPACINGS.length && !this.#apart.has(address);
  }

  /** Whether the pivot goes on answering when a burst is long over. */
  #answersAll(): boolean {
    return (
      this.#drained.length >= DRAIN && this.#drained.slice(BURST).every((isAnswer) => isAnswer)
    );
  }

  #isUsedUp(): boolean {
    const later = this.#drained.slice(BURST);
    return later.filter((isAnswer) => !isAnswer).length >= MOSTLY * later.length;
  }
}

function* pause(turns: number): Generator<readonly Reached[], void> {
  for (let turn = 0; turn < turns; turn += 1) yield [];
}
