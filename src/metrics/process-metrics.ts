import { type Emit, type Family, type FamilyType, renderLabels } from "./family.ts";
import { bucketBound } from "./sample-text.ts";

/** One sample as the client library's metrics give it. */
export interface LibrarySample {
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
  /** Full sample name of a histogram's samples, with `_bucket`, `_sum` or `_count`. */
  readonly metricName?: string | undefined;
}

/** What one of the client library's metrics answers when asked for its values. */
export interface LibraryValues {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly values: readonly LibrarySample[];
}

/**
 * Gauges whose name ends in `_total`, which `promtool check metrics` faults. `nodejs_active_resources`, whose
 * sum the third one is, stays.
 */
export const FAULTY_PROCESS_METRICS: readonly string[] = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/**
 * The client library looks this often how late the event loop is, milliseconds. Each look wakes the process: at its own 10 ms
 * that alone costs more than probing a target does.
 */
export const LOOP_LOOK_MS = 100;

/** Times between two looks, which the library tells as they are, with the pause that was meant between them. */
const BETWEEN_LOOKS = /^nodejs_eventloop_lag_(?:min|max|mean|p\d+)_seconds$/;

function isFamilyType(type: unknown): type is FamilyType {
  return type === "counter" || type === "gauge" || type === "histogram";
}

function labelText(labels: LibrarySample["labels"]): string {
  const written: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(labels)) {
    if (value === undefined) continue;
    // The library gives bounds as numbers, and the last as text.
    written[name] =
      name === "le" ? bucketBound(Number(String(value).replace("+Inf", "Infinity"))) : value;
  }
  return renderLabels(written);
}

/**
 * Turns values of the client library into a family that gives the same values whenever it is read.
 * @returns nothing for types that the exposition does not know (summaries)
 */
export function adaptLibraryValues(metric: LibraryValues): Family | undefined {
  const { name, help, type, values } = metric;
  if (!isFamilyType(type)) return undefined;
  const meant = BETWEEN_LOOKS.test(name) ? LOOP_LOOK_MS / 1000 : 0;
  return {
    name,
    type,
    help,
    collect(emit: Emit): void {
      for (const sample of values) {
        const suffix = type === "histogram" ? sample.metricName?.slice(name.length) : undefined;
        const value = meant === 0 ? sample.value : Math.max(0, sample.value - meant);
        emit(labelText(sample.labels), value, suffix);
      }
    },
  };
}
