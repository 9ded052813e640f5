import type { LocalizeCase } from "./case.ts";
import type { Counts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import type { Kinship } from "./kinship.ts";
import type { Network } from "./network.ts";

/** What the flows of a window showed, laid over one network: what faults are looked for in and suspects described from. */
export interface Scene {
  readonly input: LocalizeCase;
  readonly network: Network;
  readonly routes: readonly Route[];
  readonly counts: readonly Counts[];
  readonly kinship: Kinship;
  /** Share of answers that hops fail to give to a sweep without a fault, above 0 to below 1. */
  readonly gap: number;
  /** Whether other targets' flows have shown that the way back is broken. */
  readonly isBackDead?: boolean;
}
