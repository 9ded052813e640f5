import type { ProbeSettings } from "../flow/target.ts";
import { formatDuration } from "./duration.ts";

/** Settings that are right by themselves and wrong together. */
export interface Conflict {
  /** The key whose value is best changed. */
  readonly key: "timeout" | "source_ports";
  /** The keys that take part in it. */
  readonly between: readonly string[];
  readonly message: string;
}

/** A probe must be over before the next one of its flow, and every bucket needs a port of its own. */
export function conflictsOf(settings: ProbeSettings): readonly Conflict[] {
  const conflicts: Conflict[] = [];
  if (settings.timeoutMs >= settings.intervalMs) {
    conflicts.push({
      key: "timeout",
      between: ["interval", "timeout"],
      message: `must be less than the interval, which is ${formatDuration(settings.intervalMs)}`,
    });
  }
  const ports = settings.sourcePorts.last - settings.sourcePorts.first + 1;
  const missing = settings.flowBuckets - ports;
  if (missing > 0) {
    conflicts.push({
      key: "source_ports",
      between: ["flow_buckets", "source_ports"],
      message: `holds ${ports} ${ports === 1 ? "port" : "ports"}, ${missing} fewer than flow_buckets, which is ${settings.flowBuckets}`,
    });
  }
  return conflicts;
}
