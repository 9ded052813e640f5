import type { HopAddress } from "./case.ts";
import type { Effect } from "./effect.ts";
import type { LocationKind } from "./member.ts";
import type { SuspectPlace } from "./suspect-place.ts";

/** A fault that the flows of several targets have shown, in terms that hold for each of them. */
export interface SharedFault {
  readonly kind: LocationKind;
  readonly effect: Effect;
  /** Where it is, told alike at each target that it hits. */
  readonly place: SuspectPlace;
  /** Other places that the flows of these targets do not part from it, the likeliest first. */
  readonly alternatives: readonly SuspectPlace[];
  /** Chance, 0 to 1, that the place is right. */
  readonly confidence: number;
  /** When the first flow that it kills began to fail (`FlowEvidence.failing_since`); left out where that is not known. */
  readonly since?: number;
  /** The ends of the links that it breaks, by names that hold whatever target they lead to; null for any hop. */
  readonly links: readonly (readonly [from: string | null, to: string | null])[];
}

/** What the flows of other targets have shown, for the explanation of one target's. */
export interface SharedKnowledge {
  readonly faults: readonly SharedFault[];
  /** Ways on which several targets' flows have been seen, as far as they have them in common. */
  readonly paths: readonly (readonly HopAddress[])[];
  /** Whether flows of several of them fail behind their last router or on the way back as well. */
  readonly isBackHit?: boolean;
  /** Whether it is surely the way back, or what lies behind the last router, that kills flows of several of them. */
  readonly isBackDead?: boolean;
}

/** What is known where there is no other target. */
export const NOTHING_SHARED: SharedKnowledge = { faults: [], paths: [] };
