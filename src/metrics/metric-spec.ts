import type { FamilyType } from "./family.ts";

/** What is fixed about a metric of ours: everything but its samples. */
export interface MetricSpec {
  /** Full name as in the text format. */
  readonly name: string;
  readonly type: FamilyType;
  /** Meaning and unit, one sentence or two. */
  readonly help: string;
  /** Own labels in their order; the user's labels of a target follow them. */
  readonly labels: readonly string[];
}
