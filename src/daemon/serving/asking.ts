import type { SampleBatch } from "../../metrics/sample-reading.ts";
import type { Asked, Channel, FromServing, ToServing } from "./messages.ts";

/** Without an answer by then the probing thread does not turn, milliseconds. */
const PATIENCE_MS = 10_000;

/** A whole answer. */
export interface Answered {
  readonly value: unknown;
  /** The pieces of text, in order. */
  readonly text: readonly string[];
  /** What it took of the probing thread, milliseconds. */
  readonly spentMs: number;
}

/** Somebody waits for an answer. */
interface Waiting {
  readonly text: string[];
  readonly onBatch: (batch: SampleBatch) => void;
  readonly done: (answered: Answered) => void;
  readonly failed: (error: Error) => void;
}

/** Asks the probing thread and puts its answers together. */
export class Asking {
  readonly #channel: Channel<FromServing>;
  readonly #waiting: Map<number, Waiting> = new Map();
  #next = 0;

  constructor(channel: Channel<FromServing>) {
    this.#channel = channel;
  }

  /**
   * Asks. Rejects with what the probing thread could not do, or when it does not answer for ten seconds; a reload may take
   * as long as it does, and samples are waited for as long as the scraper does.
   * @param onBatch takes samples as they come
   */
  ask(asked: Asked, onBatch: (batch: SampleBatch) => void = () => {}): Promise<Answered> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const patience =
        asked.what === "reload" || asked.what === "samples"
          ? undefined
          : setTimeout(() => {
              this.#waiting.delete(id);
              reject(new Error(`the probing loop has not answered within ${PATIENCE_MS / 1000} s`));
            }, PATIENCE_MS);
      this.#waiting.set(id, {
        text: [],
        onBatch,
        done: (answered) => {
          clearTimeout(patience);
          resolve(answered);
        },
        failed: (error) => {
          clearTimeout(patience);
          reject(error);
        },
      });
      this.#channel.postMessage({ kind: "ask", id, asked });
    });
  }

  /** Takes what the probing thread says to a question; what nobody waits for any more is dropped. */
  take(message: Exclude<ToServing, { kind: "close" }>): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    switch (message.kind) {
      case "batch":
        waiting.onBatch(message.batch);
        return;
      case "text":
        waiting.text.push(message.text);
        return;
      case "end":
        this.#waiting.delete(message.id);
        waiting.done({ value: message.value, text: waiting.text, spentMs: message.spentMs });
        return;
      case "error":
        this.#waiting.delete(message.id);
        waiting.failed(new Error(message.message));
    }
  }
}
