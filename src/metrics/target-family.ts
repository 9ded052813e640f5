import type { Emit, FamilyHead } from "./family.ts";
import type { TargetSeries } from "./target-series.ts";

/** A metric family that every target has samples of, read one target at a time. */
export interface TargetFamily extends FamilyHead {
  collect(series: TargetSeries, emit: Emit): void;
}
