import type { PayloadAnswer, ReflectorCounts } from "../packet/payload/payload.ts";

/** Which way a lost packet was going: to the target, or back. */
export const DIRECTIONS = ["forward", "return"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A probe in a comparison of counts: under way, answered, lost, or without a meaning. */
interface Entry<Flow> {
  readonly flow: Flow;
  state: "open" | "lost" | "void" | ReflectorCounts;
}

/** More probes than this between two answers tell nothing: nearly everything fails. */
const LONGEST_GAP = 4096;

/**
 * Compares the reflector's counts with ours. Between two answers lie the probes that were lost; by how much the
 * reflector's count grew meanwhile says how many of them arrived: none, so they were lost on the way there; all, so
 * their answers were lost.
 *
 *     sent         1   2   3   4   5   6          probes 2, 3 and 5 are lost
 *     received     1   ·   ·   2   ·   4          2 and 3 did not arrive, 5 did
 *
 * What fits neither (some arrived, packets overtook or were doubled, the reflector began anew) tells nothing, nor do the
 * gaps beside it.
 */
export class CountComparison<Flow> {
  readonly #tell: (flow: Flow, direction: Direction) => void;
  readonly #entries: Entry<Flow>[] = [];
  #gap: Entry<Flow>[] = [];
  #anchor: ReflectorCounts | undefined;
  /** Whether the gap before the anchor was plausible. */
  #plausible = false;
  /** The last gap's finding, told when the next gap is plausible too. */
  #held: (() => void) | undefined;

  constructor(tell: (flow: Flow, direction: Direction) => void) {
    this.#tell = tell;
  }

  /** The next probe went out; its entry is closed by setting its state and calling {@link settle}. */
  sent(flow: Flow): Entry<Flow> {
    const entry: Entry<Flow> = { flow, state: "open" };
    this.#entries.push(entry);
    return entry;
  }

  /** Draws conclusions as far as probes have ended. */
  settle(): void {
    let ended = 0;
    for (const entry of this.#entries) {
      if (entry.state === "open") break;
      ended += 1;
      if (typeof entry.state === "string") this.#gap.push(entry);
      else this.#reach(entry.state);
    }
    this.#entries.splice(0, ended);
    if (this.#gap.length <= LONGEST_GAP) return;
    this.#gap = [];
    this.#anchor = undefined;
  }

  #reach(counts: ReflectorCounts): void {
    const before = this.#anchor;
    const gap = this.#gap;
    this.#anchor = counts;
    this.#gap = [];
    const arrived = before === undefined ? -1 : counts.received - before.received - 1;
    const comparable =
      before?.epoch === counts.epoch && counts.sent - before.sent - 1 === gap.length;
    if (before === undefined || !comparable || arrived < 0 || arrived > gap.length) {
      this.#held = undefined;
      this.#plausible = false;
      return;
    }
    this.#held?.();
    const ignored = counts.received - counts.answered !== before.received - before.answered;
    const direction = arrived === 0 ? "forward" : arrived === gap.length ? "return" : undefined;
    // Requests that the reflector itself left without an answer died neither way.
    const tells = this.#plausible && direction !== undefined && !(ignored && arrived > 0);
    this.#plausible = true;
    this.#held = tells
      ? () => {
          for (const { flow, state } of gap) if (state === "lost") this.#tell(flow, direction);
        }
      : undefined;
  }
}

/** How a probe to a reflector ended. */
export type ReflectedEnd = PayloadAnswer | "lost" | "void";

/**
 * One-way loss of a target that is a STAMP reflector: by its count over all flows where it keeps one, which knows of flows
 * of which nothing comes back, else by its sequence for each flow.
 */
export class OneWayLoss<Flow extends object> {
  readonly #tell: (flow: Flow, direction: Direction) => void;
  readonly #shared: CountComparison<Flow>;
  readonly #own: WeakMap<Flow, CountComparison<Flow>> = new WeakMap();
  readonly #open: WeakMap<Flow, { shared: Entry<Flow>; own: Entry<Flow> }> = new WeakMap();
  #sharedKnown = false;

  /** @param tell told of every lost probe whose direction is certain */
  constructor(tell: (flow: Flow, direction: Direction) => void) {
    this.#tell = tell;
    this.#shared = new CountComparison(tell);
  }

  /** The flow's next probe went out, or was numbered and could not be sent. */
  sent(flow: Flow): void {
    let own = this.#own.get(flow);
    if (own === undefined) {
      own = new CountComparison((lost, direction) => {
        if (!this.#sharedKnown) this.#tell(lost, direction);
      });
      this.#own.set(flow, own);
    }
    this.#open.set(flow, { shared: this.#shared.sent(flow), own: own.sent(flow) });
  }

  /** The flow's probe ended; `void` for one that says nothing of the network, or whose flow is gone. */
  ended(flow: Flow, end: ReflectedEnd): void {
    const entries = this.#open.get(flow);
    if (entries === undefined) return;
    this.#open.delete(flow);
    if (typeof end === "object" && end.shared !== undefined) this.#sharedKnown = true;
    entries.shared.state = typeof end === "string" ? end : (end.shared ?? "void");
    entries.own.state = typeof end === "string" ? end : (end.own ?? "void");
    this.#shared.settle();
    this.#own.get(flow)?.settle();
  }
}
