import type { Localization } from "../localize/localize.ts";
import type { Suspect } from "../localize/suspect.ts";

/** Changes of a target that are counted and remembered (values of the `event` label). */
export const TARGET_EVENTS = ["verdict", "path_change", "suspect", "healed"] as const;
export type TargetEvent = (typeof TARGET_EVENTS)[number];

/** Something that has changed. */
export interface Change {
  readonly event: TargetEvent;
  /** One sentence. */
  readonly message: string;
}

/** Verdicts that do not say that something is wrong. */
const NO_FAULTS: readonly string[] = ["healthy", "indeterminate"];

/**
 * What is new in what is told of a target: `verdict` for another one; `suspect` where a place is suspected that was not
 * before; `healed` where it is healthy after a fault, indeterminate in between or not.
 * @param before what was told until now
 * @param fault whether the last verdict that decided anything was a fault
 */
export function changesOf(before: Localization, told: Localization, fault: boolean): Change[] {
  const known = new Set(before.suspects.map(keyOf));
  const fresh = told.suspects.filter((suspect) => !known.has(keyOf(suspect)));
  const changes: Change[] = [];
  if (told.verdict !== before.verdict) {
    changes.push({ event: "verdict", message: `${told.verdict}: ${told.reason}` });
  }
  if (fresh.length > 0) {
    changes.push({ event: "suspect", message: fresh.map(({ reason }) => reason).join(" ") });
  }
  if (told.verdict === "healthy" && fault) {
    changes.push({ event: "healed", message: `The fault is over: ${told.reason}` });
  }
  return changes;
}

/** Whether a verdict says that something is wrong. */
export function isFault({ verdict }: Pick<Localization, "verdict">): boolean {
  return !NO_FAULTS.includes(verdict);
}

/** The same place, whatever kind of place the counts of this moment make of it. */
function keyOf({ name, segment }: Suspect): string {
  return `${name} ${segment}`;
}
