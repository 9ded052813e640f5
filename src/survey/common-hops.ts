import type { ProbedFlow } from "../probe/probed-flow.ts";
import { PlaceNames } from "./place-names.ts";
import { TellingHops } from "./telling-hops.ts";

/** Flows that are asked in a place on behalf of those of all targets; all of them must have met the same. */
const ENOUGH = 24;
/** The same where they are of so many targets: two hops that share the flows evenly would pass for one with 2^-15. */
const ENOUGH_OF_MANY = 16;
const MANY_TARGETS = 4;

/** What is known of one place in this round of surveys. */
interface Place {
  /** The flows that were asked first, with what they met: null for silence, undefined while that is not known. */
  readonly asked: Map<ProbedFlow, string | null | undefined>;
  /** Their targets. */
  readonly targets: Set<object>;
  /** How many of them it is not known of. */
  pending: number;
  /** What any flow met. */
  readonly met: Set<string | null>;
  /** Flows that met silence which is not believed yet. */
  readonly doubted: Set<ProbedFlow>;
}

/**
 * What the flows of all targets meet in one place, a TTL behind a hop. Where the first that were asked all met the same
 * hop, and nobody since met another, further targets need not be asked as many times. They are the first that were
 * asked, not the first that were answered: a router that never answers is told from one that does by those that wait.
 */
export class CommonHops {
  readonly names: PlaceNames = new PlaceNames();
  /** Hops that tell the one before them. */
  readonly telling: TellingHops = new TellingHops((place) => this.agreed(place));
  readonly #places: Map<string, Place> = new Map();
  /** By place: what all agreed on in the round before. */
  #before: ReadonlyMap<string, string | null> = new Map();
  /** By flow: places in which it was asked and has not met anybody yet. */
  readonly #pending: Map<ProbedFlow, Set<string>> = new Map();
  /** TTLs at which flows that came by the same hop met different ones. */
  readonly #branching: Set<number> = new Set();
  #lastRevision = 0;
  #revision = 0;

  /** A number that was never handed out before, for whoever has changed. */
  nextRevision(): number {
    this.#lastRevision += 1;
    return this.#lastRevision;
  }

  /** The one that was handed out last. */
  get latestRevision(): number {
    return this.#lastRevision;
  }

  /** Another one whenever something else may be said of a place, to a flow that was not asked there. */
  get revision(): number {
    return this.#revision;
  }

  /** Something else may be said from now on. */
  changed(): void {
    this.#revision = this.nextRevision();
    this.telling.changed();
  }

  /** A flow of some target is asked in a place. */
  asked(place: string, flow: ProbedFlow): void {
    const known = this.#at(place);
    if (isEnough(known) || known.asked.has(flow)) return;
    known.asked.set(flow, undefined);
    known.targets.add(flow.target);
    known.pending += 1;
    this.#pending.set(flow, (this.#pending.get(flow) ?? new Set()).add(place));
    if (isEnough(known)) this.changed();
  }

  /** A flow met a hop in a place, null for silence that is believed. */
  met(ttl: number, place: string, flow: ProbedFlow, hop: string | null): void {
    const known = this.#at(place);
    const { size } = known.met;
    known.met.add(hop);
    if (known.met.size > 1) this.#branching.add(ttl);
    if (known.doubted.delete(flow) || known.met.size > size) this.changed();
    if (!known.asked.has(flow)) return;
    if (known.asked.get(flow) === undefined) {
      known.pending -= 1;
      if (known.pending === 0) this.changed();
    }
    known.asked.set(flow, hop);
    this.#pending.get(flow)?.delete(place);
  }

  /** A flow met silence in a place, which is not believed: it will be asked once more. */
  doubts(place: string, flow: ProbedFlow): void {
    this.#at(place).doubted.add(flow);
    this.changed();
    this.#pending.set(flow, (this.#pending.get(flow) ?? new Set()).add(place));
  }

  /** A flow will not be asked any more: what it has not met by now it leaves to others. */
  left(flow: ProbedFlow): void {
    for (const place of this.#pending.get(flow) ?? []) {
      const known = this.#places.get(place);
      if (known?.doubted.delete(flow) === true) this.changed();
      if (known?.asked.has(flow) !== true || known.asked.get(flow) !== undefined) continue;
      known.asked.delete(flow);
      known.pending -= 1;
      this.changed();
    }
    this.#pending.delete(flow);
  }

  /** The flow's silences in these places alone are still to be cleared up; what else it was asked it leaves to others. */
  leftBut(flow: ProbedFlow, doubted: readonly string[]): void {
    this.left(flow);
    for (const place of doubted) {
      this.asked(place, flow);
      this.doubts(place, flow);
    }
  }

  /** What everybody meets in this place, null for silence; undefined where they differ or too few have told. */
  agreed(place: string): string | null | undefined {
    const known = this.#places.get(place);
    const before = this.#before.get(place);
    if (known === undefined) return before;
    if (known.doubted.size > 0 || known.met.size > 1) return undefined;
    const [hop = before] = known.met;
    const told = isEnough(known) && known.pending === 0;
    return told || hop === before ? hop : undefined;
  }

  /** The one hop that all flows met so far; undefined where they differ, met silence, or nobody met anybody. */
  only(place: string): string | undefined {
    const known = this.#places.get(place);
    const [hop] = known?.met ?? [];
    return known?.met.size === 1 && known.doubted.size === 0 ? (hop ?? undefined) : undefined;
  }

  /** Whether enough flows are asked in this place, and agree on a hop so far. */
  isFilled(place: string): boolean {
    const known = this.#places.get(place);
    const agreed = this.#before.get(place);
    if (known === undefined) return typeof agreed === "string";
    const [hop = agreed] = known.met;
    if (known.met.size > 1 || hop === null) return false;
    return isEnough(known) || (agreed !== undefined && hop === agreed);
  }

  /** Whether a flow is one of those that are asked for all in this place. */
  isAsked(place: string, flow: ProbedFlow): boolean {
    return this.#places.get(place)?.asked.has(flow) === true;
  }

  /** TTLs at which flows that came by the same hop met different ones. */
  get branching(): ReadonlySet<number> {
    return this.#branching;
  }

  /** A new round begins: paths may have changed, so what was agreed on holds until one flow shows that it does not. */
  age(): void {
    const agreed = new Map<string, string | null>();
    for (const place of this.#places.keys()) {
      const hop = this.agreed(place);
      if (hop !== undefined) agreed.set(place, hop);
    }
    this.#before = agreed;
    this.#places.clear();
    this.#pending.clear();
    this.#branching.clear();
    this.telling.clear();
    this.changed();
  }

  #at(place: string): Place {
    let known = this.#places.get(place);
    if (known === undefined) {
      known = {
        asked: new Map(),
        targets: new Set(),
        pending: 0,
        met: new Set(),
        doubted: new Set(),
      };
      this.#places.set(place, known);
    }
    return known;
  }
}

function isEnough({ asked, targets }: Place): boolean {
  return asked.size >= (targets.size >= MANY_TARGETS ? ENOUGH_OF_MANY : ENOUGH);
}
