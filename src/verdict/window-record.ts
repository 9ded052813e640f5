import type { WindowMemory } from "./window-memory.ts";

/** Where each number stands. */
const [
  SLICE,
  PROBES,
  FAILURES,
  STREAK,
  DEAD_STREAK,
  ANSWERED,
  SINCE_FAILING,
  LAST_AT,
  BEGUN_AT,
  QUIET_FROM,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** The numbers of one flow's window, side by side with those of the target's other flows, see `flow-memory.ts`. Times are milliseconds. */
export class WindowRecord {
  /** What is counted by step: two numbers each, from {@link first} on. */
  protected readonly bySlice: Uint16Array;
  protected readonly first: number;
  readonly #numbers: Float64Array;
  readonly #from: number;

  constructor(memory: WindowMemory) {
    const { numbers, from, counts, first } = memory.next();
    this.bySlice = counts;
    this.first = first;
    this.#numbers = numbers;
    this.#from = from;
  }

  /** The newest step of time that is counted. */
  protected get slice(): number {
    return this.#numbers[this.#from + SLICE] ?? 0;
  }

  protected set slice(value: number) {
    this.#numbers[this.#from + SLICE] = value;
  }

  /** Probes in the window, as of the last probe or look. */
  get probes(): number {
    return this.#numbers[this.#from + PROBES] ?? 0;
  }

  protected set probes(value: number) {
    this.#numbers[this.#from + PROBES] = value;
  }

  /** Failures in the window, likewise. */
  get failures(): number {
    return this.#numbers[this.#from + FAILURES] ?? 0;
  }

  protected set failures(value: number) {
    this.#numbers[this.#from + FAILURES] = value;
  }

  /** Failures in a row up to now. */
  get streak(): number {
    return this.#numbers[this.#from + STREAK] ?? 0;
  }

  protected set streak(value: number) {
    this.#numbers[this.#from + STREAK] = value;
  }

  /** Failures in a row before the answers of late, where they were so many that the flow was dead; else 0. */
  protected get deadStreak(): number {
    return this.#numbers[this.#from + DEAD_STREAK] ?? 0;
  }

  protected set deadStreak(value: number) {
    this.#numbers[this.#from + DEAD_STREAK] = value;
  }

  /** Answers since the last failure, or the beginning. */
  protected get answered(): number {
    return this.#numbers[this.#from + ANSWERED] ?? 0;
  }

  protected set answered(value: number) {
    this.#numbers[this.#from + ANSWERED] = value;
  }

  /** Probes since the first of the failures in the window, with it. */
  protected get sinceFailing(): number {
    return this.#numbers[this.#from + SINCE_FAILING] ?? 0;
  }

  protected set sinceFailing(value: number) {
    this.#numbers[this.#from + SINCE_FAILING] = value;
  }

  /** When the last probe ended. */
  get lastAt(): number {
    return this.#numbers[this.#from + LAST_AT] ?? 0;
  }

  protected set lastAt(value: number) {
    this.#numbers[this.#from + LAST_AT] = value;
  }

  /** When what is counted began. */
  protected get begunAt(): number {
    return this.#numbers[this.#from + BEGUN_AT] ?? 0;
  }

  protected set begunAt(value: number) {
    this.#numbers[this.#from + BEGUN_AT] = value;
  }

  /** When the answers that stand in {@link answered} began: the last failure, or the beginning. */
  protected get quietFrom(): number {
    return this.#numbers[this.#from + QUIET_FROM] ?? 0;
  }

  protected set quietFrom(value: number) {
    this.#numbers[this.#from + QUIET_FROM] = value;
  }
}
