import type { Clock } from "../../clock.ts";

/** An answer is given again for this many times as long as it took to make. */
const REUSE = 10;
/** Answers remembered. */
const MOST = 4096;

/** An answer, and when it was made. */
interface Made<T> {
  readonly answer: Promise<{ readonly value: T; readonly spentMs: number }>;
  /** Milliseconds, monotonic; infinite while it is being made. */
  until: number;
}

/**
 * Lets those who ask the same at about the same time share one answer, so that however many ask, the probing thread spends
 * a tenth of its time on one question at most.
 */
export class SharedAnswers<T> {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #made: Map<string, Made<T>> = new Map();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Whoever asks from now on gets an answer that is made from now on. */
  forget(): void {
    this.#made.clear();
  }

  /**
   * An answer to a question.
   * @param make makes it, and says how long it took of the probing thread, milliseconds
   */
  async get(
    question: string,
    make: () => Promise<{ readonly value: T; readonly spentMs: number }>,
  ): Promise<T> {
    const known = this.#made.get(question);
    if (known !== undefined && this.#clock.monotonic() < known.until) {
      return (await known.answer).value;
    }
    const made: Made<T> = { answer: make(), until: Number.POSITIVE_INFINITY };
    this.#made.delete(question);
    this.#made.set(question, made);
    const [oldest] = this.#made.keys();
    if (this.#made.size > MOST && oldest !== undefined) this.#made.delete(oldest);
    try {
      const { value, spentMs } = await made.answer;
      made.until = this.#clock.monotonic() + REUSE * spentMs;
      return value;
    } catch (error) {
      // Since a reload another one may be under way.
      if (this.#made.get(question) === made) this.#made.delete(question);
      throw error;
    }
  }
}
