import type { Metrics, Sample } from "./metrics.ts";

/** What /metrics says of one bucket. */
export interface FlowRow {
  readonly bucket: number;
  readonly up: boolean;
  readonly lastHop: string;
  readonly sourcePort: number;
  readonly probes: number;
  readonly failures: number;
}

/**
 * The flow families of a target, joined by bucket and in its order. Buckets without a state yet are absent.
 * @throws Error if a bucket has two states at once, or lacks a port or a counter
 */
export function flowRows(metrics: Metrics, target: string): FlowRow[] {
  const seen = new Set<string>();
  return metrics
    .series("ecmp_flow_up", { target })
    .map((sample) => {
      const bucket = bucketOf(sample);
      if (seen.has(bucket)) throw new Error(`bucket ${bucket} of ${target} has two states`);
      seen.add(bucket);
      const labels = { target, flow_bucket: bucket };
      return {
        bucket: Number(bucket),
        up: sample.value === 1,
        lastHop: sample.labels["last_hop"] ?? "",
        sourcePort: metrics.value("ecmp_flow_source_port", labels),
        probes: metrics.value("ecmp_probes_total", labels),
        failures: metrics.value("ecmp_probe_failures_total", labels),
      };
    })
    .sort((a, b) => a.bucket - b.bucket);
}

/** Source port of every bucket, by bucket. */
export function portsByBucket(rows: readonly FlowRow[]): Map<number, number> {
  return new Map(rows.map((row) => [row.bucket, row.sourcePort]));
}

/** Rows as a table, for the message of a failed assertion. */
export function showRows(rows: readonly FlowRow[]): string {
  const line = (...cells: (string | number)[]) =>
    cells.map((cell) => `${cell}`.padEnd(11)).join("");
  return [
    line("bucket", "port", "state", "probes", "failures", "last hop"),
    ...rows.map((row) => {
      const state = row.up ? "up" : "failing";
      return line(row.bucket, row.sourcePort, state, row.probes, row.failures, row.lastHop);
    }),
  ].join("\n");
}

function bucketOf(sample: Sample): string {
  const bucket = sample.labels["flow_bucket"];
  if (bucket === undefined) throw new Error("ecmp_flow_up without flow_bucket");
  return bucket;
}
