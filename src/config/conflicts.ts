import type { ProbeSettings } from "../flow/target.ts";
import { formatDuration } from "./duration.ts";

/** Settings that are right by themselves and wrong together. */
export interface Conflict {
  /** The key whose value is best changed. */
  readonly key: "timeout" | "source_ports" | "method";
  /** The keys that take part in it. */
  readonly between: readonly string[];
  readonly message: string;
}

/**
 * A probe must be over before the next one of its flow, every bucket needs a port of its own, and Node's sockets cannot mark
 * what they send.
 */
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
      message: `holds ${ports} ${ports === 1 ? "port" : "ports"}, ${missing} fewer than flow_buckets, which is ${settings.flowBuckets}: widen it or lower flow_buckets to ${ports}`,
    });
  }
  if (settings.method === "connect" && settings.dscp !== 0) {
    conflicts.push({
      key: "method",
      between: ["method", "dscp"],
      message: `must be raw, or dscp must be 0 instead of ${settings.dscp}: Node.js cannot set dscp on connections`,
    });
  }
  return conflicts;
}
