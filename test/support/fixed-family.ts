import type { Exemplar, Family } from "../../src/metrics/family.ts";

/** One sample as a family emits it. */
export interface EmittedSample {
  readonly labels: string;
  readonly value: number;
  readonly suffix?: string;
  readonly exemplar?: Exemplar;
}

/** A family of fixed samples. */
export function fixedFamily(
  name: string,
  type: Family["type"],
  samples: readonly EmittedSample[],
  help = "Help.",
): Family {
  return {
    name,
    type,
    help,
    collect(emit) {
      for (const { labels, value, suffix, exemplar } of samples)
        emit(labels, value, suffix, exemplar);
    },
  };
}
