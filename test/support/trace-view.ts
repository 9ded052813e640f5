import type { TargetView } from "../../src/view/target-view.ts";
import { failingView, flowView } from "./flow-view.ts";

const HOPS = ["10.0.0.1", "10.0.0.10", null, "192.0.2.10"];
const OTHER = ["10.0.0.1", "10.0.0.9", null, "192.0.2.10"];
const path = (id: string, hops: readonly (string | null)[], flows: number) => ({
  id,
  hops,
  flows,
  probes: flows,
  failures: 0,
  success_ratio: 1,
});

/** What a trace found: six flows, of which one dies behind 10.0.0.8, one is not traced and one is refused. */
export const view: TargetView = {
  name: "192.0.2.10:3306",
  protocol: "tcp",
  method: "raw",
  nat: null,
  dscp_change: null,
  hops: [],
  address: "192.0.2.10",
  source: "198.51.100.1",
  port: 3306,
  labels: {},
  rate_limit: null,
  error: null,
  verdict: "path_fault",
  reason: "2 of 6 flows fail.",
  flows: [
    flowView(0, { path: "3f9a21c0" }),
    flowView(1, { path: "11223344", rtt_seconds: 0.25 }),
    flowView(2),
    failingView(3, ["10.0.0.1", "10.0.0.8", null, null]),
    failingView(4),
    flowView(5, { path: "3f9a21c0", state: "failing", last_result: "refused", rtt_seconds: null }),
  ],
  paths: [path("3f9a21c0", HOPS, 2), path("11223344", OTHER, 1)],
  links: [{ from: "10.0.0.1", to: "10.0.0.10", probes: 40, failures: 5 }],
  suspects: [
    {
      from: "10.0.0.8",
      to: null,
      segment: "forward",
      place: "beyond",
      name: "10.0.0.8",
      alternatives: [],
      interface: null,
      loss_ratio: 1,
      confidence: 0.987,
      reason: "every flow across 10.0.0.8 fails.",
    },
  ],
  coverage: { paths: 2, confidence: 0.5, per_packet_ttls: [], warning: "flow_buckets is 6" },
  reproduce: { failing: ["nc -p 61003"], working: ["nc -p 61000"] },
};
