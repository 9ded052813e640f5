import type { FlowLabel } from "../flow/flow-label.ts";
import type { Method, SeriesMode } from "../flow/target.ts";

// The scalar settings in the words of the file.

/** Whether raw sockets are needed, used where they can be had, or done without. */
export const RAW_SOCKETS = ["required", "auto", "never"] as const;
export type RawSockets = (typeof RAW_SOCKETS)[number];

/** The `probe` section in the words of the file: durations, ranges and schedules are text. */
export interface ProbeValues {
  readonly interval: string;
  readonly timeout: string;
  readonly flow_buckets: number;
  readonly source_ports: string;
  readonly rotation: string;
  readonly rotation_hold: string;
  readonly dscp: number;
  readonly flow_label: FlowLabel;
  readonly method: Method;
  readonly series: SeriesMode;
}

/** The `trace` section in the words of the file. */
export interface TraceValues {
  readonly max_hops: number;
  readonly attempts: number;
  readonly survey: string;
  readonly packets_per_second: number;
  readonly hop_packets_per_second: number;
}

/** The `limits` section in the words of the file. */
export interface LimitValues {
  readonly packets_per_second: number;
  readonly series: number;
  readonly last_hops_per_target: number;
}

/** The `hops` section in the words of the file. */
export interface HopValues {
  readonly resolve: boolean;
}

/** The scalars of the `routers` section in the words of the file. */
export interface RouterValues {
  readonly name_pattern: string;
}

/** The `web` section in the words of the file. */
export interface WebValues {
  readonly grafana_url: string;
}

/** The scalar settings of sections. */
export interface SectionValues {
  readonly probe: ProbeValues;
  readonly trace: TraceValues;
  readonly hops: HopValues;
  readonly routers: RouterValues;
  readonly limits: LimitValues;
  readonly web: WebValues;
}

/** All scalar settings. */
export interface SettingsValues extends SectionValues {
  readonly raw_sockets: RawSockets;
}
