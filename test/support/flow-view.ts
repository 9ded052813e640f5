import type { FlowView } from "../../src/view/target-view.ts";

/** A flow as the API shows it: one that works, on a path that is not known, unless told. */
export function flowView(bucket: number, own: Partial<FlowView> = {}): FlowView {
  return {
    bucket,
    source_port: 61_000 + bucket,
    hash: bucket,
    state: "up",
    last_result: "success",
    last_hop: "192.0.2.10",
    last_hop_ttl: null,
    path: null,
    rtt_seconds: 0.0015,
    ...own,
  };
}

/** One that fails, its sweep having seen these hops; not swept yet without them. */
export function failingView(bucket: number, seen?: readonly (string | null)[]): FlowView {
  return flowView(bucket, {
    state: "failing",
    last_result: "timeout",
    last_hop: seen === undefined ? "unknown" : (seen.findLast((hop) => hop !== null) ?? "none"),
    rtt_seconds: null,
    ...(seen === undefined ? {} : { seen }),
  });
}
