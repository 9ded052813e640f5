import type { ReloadResult } from "../../http/routes.ts";
import type { Family } from "../../metrics/family.ts";
import { type SamplePart, SampleReading } from "../../metrics/sample-reading.ts";
import type { JsonPieces } from "./json-pieces.ts";
import type { Asked, Channel, ToServing } from "./messages.ts";
import type { SpareTime } from "./spare-time.ts";

/** What the probing thread answers from. */
export interface AnswerSource {
  readonly ready: () => boolean;
  readonly reload: () => Promise<ReloadResult>;
  readonly configText: () => string;
  readonly telemetry: {
    own(): Promise<readonly Family[]>;
    samples(own: readonly Family[], read: (part: SamplePart) => number): Generator<void>;
    failed(family: string, error: unknown): void;
  };
  /** What answers below `/api/v1`, by name; undefined for something that there is not. */
  readonly api: Readonly<Record<string, (argument: string) => JsonPieces | undefined>>;
}

/** Answers one serving thread: what is large is read in the spare time of turns and handed over slice by slice. */
export class Answers {
  readonly #source: AnswerSource;
  readonly #spare: SpareTime;
  readonly #channel: Channel<ToServing>;
  readonly #reading: SampleReading;
  /** Readings of samples come one after the other, since they share the texts that the other thread knows. */
  #samples: Promise<unknown> = Promise.resolve();

  constructor(source: AnswerSource, spare: SpareTime, channel: Channel<ToServing>) {
    this.#source = source;
    this.#spare = spare;
    this.#channel = channel;
    this.#reading = new SampleReading((family, error) => source.telemetry.failed(family, error));
  }

  /** Answers a question. Never rejects. */
  async answer(id: number, asked: Asked): Promise<void> {
    try {
      const { value, spentMs } = await this.#answer(id, asked);
      this.#channel.postMessage({ kind: "end", id, value, spentMs });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#channel.postMessage({ kind: "error", id, message });
    }
  }

  async #answer(id: number, asked: Asked): Promise<{ value: unknown; spentMs: number }> {
    switch (asked.what) {
      case "ready":
        return { value: this.#source.ready(), spentMs: 0 };
      case "reload":
        return { value: await this.#source.reload(), spentMs: 0 };
      case "config":
        return { value: this.#source.configText(), spentMs: 0 };
      case "samples": {
        const read = this.#samples.then(() => this.#readSamples(id));
        this.#samples = read.catch(() => {});
        return { value: undefined, spentMs: await read };
      }
      case "api": {
        const pieces = this.#source.api[asked.name]?.(asked.argument);
        if (pieces === undefined) return { value: false, spentMs: 0 };
        return { value: true, spentMs: await this.#text(id, pieces) };
      }
    }
  }

  async #readSamples(id: number): Promise<number> {
    const { telemetry } = this.#source;
    const own = await telemetry.own();
    return await this.#spare.do(
      telemetry.samples(own, (part) => this.#reading.read(part)),
      () => {
        const batch = this.#reading.take();
        this.#channel.postMessage({ kind: "batch", id, batch }, [batch.values.buffer]);
      },
    );
  }

  #text(id: number, pieces: JsonPieces): Promise<number> {
    let text = "";
    const collected = function* (): Generator<void> {
      for (const piece of pieces) {
        text += piece;
        yield;
      }
    };
    return this.#spare.do(collected(), () => {
      this.#channel.postMessage({ kind: "text", id, text });
      text = "";
    });
  }
}
