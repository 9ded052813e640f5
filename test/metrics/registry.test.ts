import { spawnSync } from "node:child_process";
import { Registry } from "prom-client";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { RESERVED_LABELS } from "../../src/config/labels.ts";
import { render } from "../../src/metrics/exposition.ts";
import { type Family, type FamilyType, renderLabels } from "../../src/metrics/family.ts";
import type { MetricSpec } from "../../src/metrics/metric-spec.ts";
import { LOOP_LOOK_MS } from "../../src/metrics/process-metrics.ts";
import { MetricRegistry } from "../../src/metrics/registry.ts";
import { bucketBound } from "../../src/metrics/sample-text.ts";
import { ALL_METRICS } from "../support/all-metrics.ts";
import { parseExposition } from "../support/exposition-parser.ts";

const TABLE: readonly MetricSpec[] = Object.values(ALL_METRICS);

function empty(name: string, type: FamilyType): Family {
  return { name, type, help: "Help.", collect() {} };
}

/** A family with one made-up series of everything the table says. */
function sampleFamily(spec: MetricSpec): Family {
  const labels = renderLabels(Object.fromEntries(spec.labels.map((label) => [label, "x"])));
  return {
    ...spec,
    collect(emit) {
      if (spec.type !== "histogram") return emit(labels, 1);
      emit(`${labels},le="${bucketBound(1)}"`, 1, "_bucket");
      emit(`${labels},le="+Inf"`, 1, "_bucket");
      emit(labels, 0.5, "_sum");
      emit(labels, 1, "_count");
    },
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the table", () => {
  test.each(TABLE)("$name has no label that a user may set on a target", ({ labels }) => {
    expect(labels.filter((label) => !RESERVED_LABELS.has(label))).toEqual([]);
  });

  test("every metric can be registered beside every other", () => {
    const registry = new MetricRegistry();
    for (const spec of TABLE) registry.register(empty(spec.name, spec.type));
    expect(registry.families().map(({ name }) => name)).toEqual(TABLE.map(({ name }) => name));
  });

  test("promtool finds nothing in an exposition of every metric and of the process", async () => {
    const registry = new MetricRegistry();
    for (const spec of TABLE) registry.register(sampleFamily(spec));
    const body = await render(await registry.gather(), "text");
    const promtool = spawnSync("promtool", ["check", "metrics"], { input: body, encoding: "utf8" });
    expect(promtool.error).toBeUndefined();
    expect(promtool.stdout + promtool.stderr).toBe("");
    expect(promtool.status).toBe(0);
    expect(body.toString()).toContain("\nprocess_cpu_seconds_total ");
  });

  test("no metric has a label of the source port or one that Prometheus sets itself", () => {
    const labels = TABLE.flatMap((spec) => spec.labels);
    for (const label of ["source_port", "instance", "job", "le"])
      expect(labels).not.toContain(label);
  });

  test("every help is whole sentences", () => {
    for (const { help } of TABLE) expect(help).toMatch(/^[A-Z0-9].*\.$/);
  });
});

describe("registering", () => {
  test.each([
    [
      "the same name",
      "ecmp_x",
      "gauge",
      "ecmp_x",
      "gauge",
      "metric ecmp_x: the name ecmp_x is taken by ecmp_x",
    ],
    [
      "a gauge named as OpenMetrics declares a counter",
      "ecmp_x_total",
      "counter",
      "ecmp_x",
      "gauge",
      "metric ecmp_x: the name ecmp_x is taken by ecmp_x_total",
    ],
    [
      "a gauge named as a sample of a histogram",
      "ecmp_x",
      "histogram",
      "ecmp_x_count",
      "gauge",
      "metric ecmp_x_count: the name ecmp_x_count is taken by ecmp_x",
    ],
    [
      "a metric of the process",
      "ecmp_x",
      "gauge",
      "process_open_fds",
      "gauge",
      "metric process_open_fds: the name process_open_fds is taken by process_open_fds",
    ],
    [
      "a counter without _total",
      "ecmp_x",
      "gauge",
      "ecmp_y",
      "counter",
      "metric ecmp_y: counters, and only counters, end in _total",
    ],
    [
      "a gauge with _total",
      "ecmp_x",
      "gauge",
      "ecmp_y_total",
      "gauge",
      "metric ecmp_y_total: counters, and only counters, end in _total",
    ],
    [
      "a name that is none",
      "ecmp_x",
      "gauge",
      "ecmp-y",
      "gauge",
      'metric name "ecmp-y" is not valid',
    ],
  ] as const)(
    "%s is an error and changes nothing",
    (_title, first, firstType, second, secondType, message) => {
      const registry = new MetricRegistry();
      registry.register(empty(first, firstType));
      expect(() => registry.register(empty(second, secondType))).toThrow(new Error(message));
      expect(registry.families().map(({ name }) => name)).toEqual([first]);
    },
  );
});

describe("metrics of the process", () => {
  test("are those of the client library without the ones promtool faults, in both formats", async () => {
    const gathered = await new MetricRegistry().gather();
    const names = gathered.map(({ name }) => name);
    expect(names).toContain("process_resident_memory_bytes");
    expect(names).toContain("nodejs_eventloop_lag_p99_seconds");
    expect(names).toContain("nodejs_active_resources");
    expect(names.filter((name) => /^nodejs_active_\w+_total$/.test(name))).toEqual([]);
    for (const format of ["text", "openmetrics"] as const) {
      const body = await render(gathered, format);
      const cpu = parseExposition(body.toString(), format).find(({ name }) =>
        name.startsWith("process_cpu_seconds"),
      );
      expect(cpu?.samples[0]?.name).toBe("process_cpu_seconds_total");
    }
  });

  test("tell how late the event loop was, without the pause that was meant between two looks", async () => {
    const registry = new MetricRegistry();
    await new Promise((resolve) => setTimeout(resolve, 3.5 * LOOP_LOOK_MS));
    const lag = new Map<string, number>();
    for (const { name, collect } of await registry.gather()) {
      if (!name.startsWith("nodejs_eventloop_lag_")) continue;
      collect((_labels, value) => void lag.set(name, value));
    }
    const [least = -1, most = -1] = ["min", "max"].map((which) =>
      lag.get(`nodejs_eventloop_lag_${which}_seconds`),
    );
    expect(least).toBeGreaterThanOrEqual(0);
    expect(least).toBeLessThan(LOOP_LOOK_MS / 2000);
    expect(most).toBeGreaterThanOrEqual(least);
  });

  test("a collector that fails is left out and reported; the rest is there", async () => {
    const reported: string[] = [];
    const original = Registry.prototype.getSingleMetric;
    vi.spyOn(Registry.prototype, "getSingleMetric").mockImplementation(function (
      this: Registry,
      name: string,
    ) {
      if (name === "process_open_fds") throw new Error("/proc is not mounted");
      return original.call(this, name);
    });
    const registry = new MetricRegistry((name, error) =>
      reported.push(`${name}: ${String(error)}`),
    );
    const names = (await registry.gather()).map(({ name }) => name);
    expect(reported).toEqual(["process_open_fds: Error: /proc is not mounted"]);
    expect(names).not.toContain("process_open_fds");
    expect(names).toContain("process_max_fds");
  });

  test("two scrapers at once see the same reading, and one a second later a new one", async () => {
    let now = 0;
    const clock: Clock = { monotonic: () => now, wall: () => 0 };
    const reads = vi.spyOn(Registry.prototype, "getMetricsAsArray");
    const registry = new MetricRegistry(undefined, clock);
    const atStart = reads.mock.calls.length;
    const [first, second] = await Promise.all([registry.gather(), registry.gather()]);
    expect(second).toEqual(first);
    expect(reads.mock.calls.length - atStart).toBe(1);
    now = 1_000;
    await registry.gather();
    expect(reads.mock.calls.length - atStart).toBe(2);
  });
});
