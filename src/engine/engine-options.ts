import type { Clock } from "../clock.ts";
import type { RouterNames } from "../topology/router-names.ts";
import type { Wire } from "./open-wire.ts";

/** Numbers of the configuration that the engine goes by. */
export interface EngineSettings {
  /** Everything sent. */
  readonly packetsPerSecond: number;
  readonly trace: {
    readonly maxHops: number;
    readonly attempts: number;
    readonly packetsPerSecond: number;
    readonly hopPacketsPerSecond: number;
  };
}

/** What the engine is built from. */
export interface EngineOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  /** Which addresses are one router's; every address stands for itself unless given. */
  readonly routers?: RouterNames;
  /** Only so many flows that are up are surveyed, for somebody who waits for them; all unless told. */
  readonly sample?: number;
}
