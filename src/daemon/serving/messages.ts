import type { LogFields, LogLevel } from "../../log.ts";
import type { SampleBatch } from "../../metrics/sample-reading.ts";

/** What the serving thread is started with. */
export interface ServingOptions {
  readonly listenAddress: string;
  readonly telemetryPath: string;
  readonly webConfigFile: string | undefined;
  readonly version: string;
}

/** What the serving thread can ask the probing thread. */
export type Asked =
  /** Whether the loop turns, and whether sockets are open and a configuration is active. */
  | { readonly what: "ready" }
  | { readonly what: "reload" }
  | { readonly what: "config" }
  /** Every sample, in batches. */
  | { readonly what: "samples" }
  /** A path below `/api/v1`, in pieces of JSON. */
  | { readonly what: "api"; readonly name: string; readonly argument: string };

/** From the serving thread to the probing thread. */
export type FromServing =
  | { readonly kind: "ask"; readonly id: number; readonly asked: Asked }
  | { readonly kind: "listening"; readonly url: string }
  /** It cannot listen: one sentence, or several lines. */
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "closed" }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: LogFields;
    };

/** From the probing thread to the serving thread. */
export type ToServing =
  /** A piece of an answer: samples, or text. */
  | { readonly kind: "batch"; readonly id: number; readonly batch: SampleBatch }
  | { readonly kind: "text"; readonly id: number; readonly text: string }
  /**
   * The end of an answer, with the value of one that is no list; `spentMs` is what it took of the probing thread,
   * milliseconds.
   */
  | { readonly kind: "end"; readonly id: number; readonly value: unknown; readonly spentMs: number }
  | { readonly kind: "error"; readonly id: number; readonly message: string }
  | { readonly kind: "close" };

/** The end of a channel: a thread's, or a port's. */
export interface Channel<Out> {
  postMessage(message: Out, transfer?: readonly ArrayBuffer[]): void;
}
