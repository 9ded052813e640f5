import { expect, test } from "vitest";
import { exporterNotices, targetNotices } from "../../../src/http/page/notices.js";
import { targetJson, working } from "../../support/target-json.ts";

const FLOWS = Array.from({ length: 64 }, (_, bucket) => working(bucket, null));

test("an exporter without trouble has no notices", () => {
  const quiet = { raw_sockets: true, reload_successful: true, series_folded: 0 };
  expect(
    exporterNotices({ ...quiet, probes_over_budget_recently: 0, probes_stalled_recently: 0 }),
  ).toEqual([]);
});

test.each([
  [{ raw_sockets: false }, "without raw sockets"],
  [{ probes_over_budget_recently: 12 }, "did not fit the packet budget and were left out: 12."],
  [{ probes_stalled_recently: 3 }, "since it was not run in time: 3."],
  [{ receive_drops_recently: 7 }, "7 in the last five minutes"],
  [{ series_folded: 5 }, 'counted as "other" in the metrics: 5.'],
  [{ reload_successful: false }, "reload of the configuration failed"],
])("%j is said in a sentence", (exporter, words) => {
  const [sentence, ...others] = exporterNotices(exporter);
  expect(sentence).toContain(words);
  expect(others).toEqual([]);
});

test("a target says what keeps it from being known well", () => {
  const coverage = {
    paths: 4,
    confidence: 0.5,
    per_packet_ttls: [] as number[],
    warning: null as string | null,
  };
  const notices = (more: object, flows = FLOWS) =>
    targetNotices(targetJson({}, flows, { coverage, ...more }));
  expect(notices({})).toEqual([]);
  // The reason says it already.
  expect(notices({ error: "no such name" })).toEqual([]);
  expect(notices({ method: "connect" })[0]).toContain("by connections");
  expect(notices({}, FLOWS.slice(0, 8))[0]).toContain("Only 8 flows");
  expect(notices({}, FLOWS.slice(0, 1))[0]).toContain("Only 1 flow at a time");
  expect(notices({ coverage: { ...coverage, warning: "flow_buckets is 4" } })[0]).toBe(
    "Too few flows: flow_buckets is 4.",
  );
  expect(notices({ coverage: { ...coverage, per_packet_ttls: [2, 3] } })[0]).toContain("TTL 2, 3");
  expect(notices({ nat: { replies: 1 } })[0]).toContain("NAT");
});
