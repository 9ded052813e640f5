import type { EngineObserver } from "../engine/engine-observer.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";
import type { Change, TargetEvent } from "../verdict/target-event.ts";

/** What an event is about: a target's changes, rotations, reloads, and what troubles the exporter itself. */
export type EventKind = TargetEvent | "rotation" | "reload" | "exporter";

/** Something that changed, as the API shows it. */
export interface LoggedEvent {
  /** Grows with every event of this process; `since` asks for those behind it. */
  readonly id: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly kind: EventKind;
  /** Null where it concerns the exporter as a whole. */
  readonly target: string | null;
  /** One sentence. */
  readonly message: string;
}

/** Events of each class that are kept; about 300 bytes each. */
const KEPT = 1000;
/** What happens often and is seldom looked for has a ring of its own, so that it pushes out no fault. */
const FREQUENT: readonly EventKind[] = ["path_change", "rotation"];

/** What changed when: the last thousand rare events, and the last thousand of the frequent kinds. Kept in memory only. */
export class EventLog implements EngineObserver {
  readonly #rare: LoggedEvent[] = [];
  readonly #frequent: LoggedEvent[] = [];
  readonly #wall: () => number;
  #last = 0;

  /** @param wall milliseconds since the Unix epoch */
  constructor(wall: () => number) {
    this.#wall = wall;
  }

  /** Keeps an event of this moment. */
  add(kind: EventKind, target: string | null, message: string): void {
    this.#last += 1;
    const ring = FREQUENT.includes(kind) ? this.#frequent : this.#rare;
    ring.push({ id: this.#last, time: this.#wall(), kind, target, message });
    if (ring.length > KEPT) ring.shift();
  }

  onChange({ target }: ProbedTarget, { event, message }: Change): void {
    this.add(event, target.name, message);
  }

  /** The id of the latest event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The events behind this id in their order; where a target is given, its own and the exporter's. */
  since(id: number, target?: string): LoggedEvent[] {
    return [...this.#rare, ...this.#frequent]
      .filter((event) => event.id > id)
      .filter((event) => target === undefined || event.target === null || event.target === target)
      .sort((a, b) => a.id - b.id);
  }
}
