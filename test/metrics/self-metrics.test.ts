import { describe, expect, test } from "vitest";
import { render } from "../../src/metrics/exposition.ts";
import { type SelfFacts, selfFamilies, seriesFamily } from "../../src/metrics/self-metrics.ts";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";
import { newEngineCounters, SKIP_REASONS } from "../../src/probe/engine-counters.ts";
import { IGNORE_REASONS } from "../../src/probe/reply/match.ts";
import { parseExposition } from "../support/exposition-parser.ts";

function factsOf(engine = newEngineCounters(), budget = new SeriesBudget(10)): SelfFacts {
  return {
    engine,
    budget,
    build: { version: "1.2.3", revision: 'ab"c' },
    reloadSuccessful: true,
    rawSockets: true,
    reloadedAt: 1_700_000_000.25,
    sourcePortsUnavailable: 2,
    eventLoopLag: () => 0.125,
    targetsReduced: () => new Map([["failing", 3]]),
    serverRestarts: () => 2,
    explanationErrors: () => 5,
    logLinesLost: () => 4,
  };
}

/** Every sample as `name{labels}` and its value. */
async function shown(facts: SelfFacts): Promise<Map<string, number>> {
  const body = await render([...selfFamilies(facts), seriesFamily(77)], "text");
  const samples = parseExposition(body.toString(), "text").flatMap((family) => family.samples);
  return new Map(
    samples.map(({ name, labels, value }) => [
      `${name.replace("ecmp_exporter_", "")} ${Object.values(labels).join()}`.trim(),
      value,
    ]),
  );
}

describe("the exporter's own metrics", () => {
  test("are at zero from the start, every known reason included", async () => {
    const samples = await shown(factsOf());
    for (const reason of IGNORE_REASONS) {
      expect(samples.get(`packets_ignored_total ${reason}`)).toBe(0);
    }
    for (const reason of SKIP_REASONS) {
      expect(samples.get(`probes_skipped_total ${reason}`)).toBe(0);
    }
    for (const name of [
      "packets_sent_total",
      "packets_received_total",
      "receive_drops_total",
      "series_folded_total",
    ]) {
      expect(samples.get(name)).toBe(0);
    }
  });

  test("are read when they are shown, not before", async () => {
    const engine = newEngineCounters();
    const budget = new SeriesBudget(10);
    const facts = factsOf(engine, budget);
    const families = selfFamilies(facts);
    engine.sent += 5;
    engine.received += 4;
    engine.receiveDrops += 3;
    engine.ignored.set("duplicate", 2);
    engine.sendErrors.set("ENETUNREACH", 6);
    budget.fold();
    facts.reloadSuccessful = false;
    const body = await render(families, "text");
    const text = body.toString();
    for (const line of [
      "ecmp_exporter_packets_sent_total 5",
      "ecmp_exporter_packets_received_total 4",
      "ecmp_exporter_receive_drops_total 3",
      'ecmp_exporter_packets_ignored_total{reason="duplicate"} 2',
      'ecmp_exporter_send_errors_total{code="ENETUNREACH"} 6',
      "ecmp_exporter_series_folded_total 1",
      "ecmp_exporter_config_last_reload_successful 0",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  test("tell version, revision, runtime, configuration, lag and ports", async () => {
    const samples = await shown(factsOf());
    expect(samples.get(`build_info 1.2.3,ab"c,${process.version}`)).toBe(1);
    expect(samples.get("config_last_reload_successful")).toBe(1);
    expect(samples.get("config_last_reload_success_timestamp_seconds")).toBe(1_700_000_000.25);
    expect(samples.get("event_loop_lag_seconds")).toBe(0.125);
    expect(samples.get("source_ports_unavailable")).toBe(2);
    expect(samples.get("explanation_errors_total")).toBe(5);
    expect(samples.get("log_lines_lost_total")).toBe(4);
    expect(samples.get("series")).toBe(77);
  });
});
