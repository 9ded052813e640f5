import type { Family } from "../../src/metrics/family.ts";
import { type SamplePart, SampleReading } from "../../src/metrics/sample-reading.ts";
import { SampleStore } from "../../src/metrics/sample-store.ts";
import type { TargetFamily } from "../../src/metrics/target-family.ts";
import type { TargetSeries } from "../../src/metrics/target-series.ts";

/** The families of targets as the thread that serves them has them at a moment. A family that throws fails the test. */
export function readTargets(
  families: readonly TargetFamily[],
  targets: Iterable<TargetSeries>,
  now = 0,
): Family[] {
  const reading = new SampleReading((family, error) => {
    throw new Error(`${family}: ${String(error)}`);
  });
  for (const series of targets) {
    const part: SamplePart = {
      key: series,
      families,
      begin: () => series.read(now),
      collect: (index, emit) => families[index]?.collect(series, emit),
    };
    reading.read(part);
  }
  const store = new SampleStore();
  store.add(structuredClone(reading.take()));
  return store.finish();
}
