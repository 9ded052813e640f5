// A new configuration while the daemon runs: all of it or nothing, and nobody else is disturbed.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import type { Metrics } from "../lab/metrics.ts";
import { until } from "../lab/processes.ts";
import { Exporter, type Listener, listenOn, probesOf, QUICK } from "./exporter.ts";

const SUCCESSFUL = "ecmp_exporter_config_last_reload_successful";
const SUCCESS_TIME = "ecmp_exporter_config_last_reload_success_timestamp_seconds";
const BUCKETS = QUICK.flow_buckets;
/** A target of this interval is not probed within its first second. */
const SLOW = "600s";

/** Names of a target's series, however they are called. */
function seriesOf(metrics: Metrics, target: string): number {
  const names = ["ecmp_probes_total", "ecmp_probe_failures_total", "ecmp_flow_up"];
  const more = ["ecmp_target_info", "ecmp_last_hop_probes_total", "ecmp_target_verdict"];
  return [...names, ...more].reduce(
    (sum, name) => sum + metrics.series(name, { target }).length,
    0,
  );
}

describe.skipIf(inject("labMissing") !== "")("a reload", () => {
  let listeners: Listener[] = [];
  let exporter: Exporter | undefined;
  beforeAll(async () => {
    listeners = await Promise.all([1, 2, 3, 4].map(() => listenOn()));
  });
  afterAll(() => Promise.all(listeners.map((listener) => listener.close())));
  afterEach(() => exporter?.stop());

  const target = (name: string, settings: Readonly<Record<string, unknown>> = {}) => {
    const index = "abcd".indexOf(name);
    return { name, host: "127.0.0.1", port: listeners[index]?.port, ...settings };
  };
  const start = async (...args: Parameters<typeof Exporter.start>): Promise<Exporter> => {
    exporter = await Exporter.start(...args);
    return exporter;
  };
  const config = (...targets: readonly unknown[]) => ({ probe: QUICK, targets });

  it.each(["POST", "PUT"] as const)(
    "by %s that is refused changes nothing, and is told",
    async (method) => {
      const running = await start(config(target("a")));
      const before = await running.until("probes", (m) => probesOf(m, "a") > BUCKETS);
      const [text, ports] = [(await running.get("/config")).body, await running.ports("a")];
      expect(before.value(SUCCESSFUL)).toBe(1);

      const bad = { probe: { ...QUICK, flow_buckets: 0 }, targets: [target("b", { port: 0 })] };
      const answer = await running.reload(bad, method);
      expect([answer.status, answer.type]).toEqual([500, expect.stringContaining("text/plain")]);
      const lines = answer.body.trimEnd().split("\n");
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(
        /exporter\.yml:\d+: probe\.flow_buckets: 0: must be between 1 and 1024$/,
      );
      expect(lines[1]).toMatch(
        /exporter\.yml:\d+: targets\[0\]\.port: 0: must be between 1 and 65535$/,
      );

      const after = await running.metrics();
      expect(after.value(SUCCESSFUL)).toBe(0);
      expect(after.value(SUCCESS_TIME)).toBe(before.value(SUCCESS_TIME));
      expect((await running.get("/config")).body).toBe(text);
      expect(await running.ports("a")).toEqual(ports);
      expect(seriesOf(after, "b")).toBe(0);
      const counted = probesOf(after, "a");
      await running.until("it goes on", (m) => probesOf(m, "a") > counted + BUCKETS);
      expect((await running.get("/-/ready")).status).toBe(200);

      expect((await running.reload(config(target("a")), method)).status).toBe(200);
      const repaired = await running.metrics();
      expect(repaired.value(SUCCESSFUL)).toBe(1);
      expect(repaired.value(SUCCESS_TIME)).toBeGreaterThan(before.value(SUCCESS_TIME));
      expect(probesOf(repaired, "a")).toBeGreaterThan(counted);
    },
  );

  it("by SIGHUP takes a good file and refuses a bad one, and the process stays", async () => {
    const running = await start(config(target("a")));
    running.configure("probe: [");
    running.process.kill("SIGHUP");
    await running.until("the refusal", (m) => m.value(SUCCESSFUL) === 0);
    expect(running.process.stderr).toContain("reload failed; keeping the previous configuration");
    rmSync(join(running.folder, "exporter.yml"));
    running.process.kill("SIGHUP");
    await running.process.said("cannot be read: it does not exist");
    expect((await running.target("a")).error).toBeNull();
    running.configure(config(target("a"), target("b")));
    running.process.kill("SIGHUP");
    const after = await running.until("the new target", (m) => seriesOf(m, "b") > 0);
    expect(after.value(SUCCESSFUL)).toBe(1);
    expect(await running.stop()).toBe(0);
  });

  it("leaves unchanged targets their counters and ports, ends the removed and begins the added at 0", async () => {
    const running = await start(config(target("a"), target("b")));
    const before = await running.until(
      "both are probed",
      (m) => probesOf(m, "a") > BUCKETS && probesOf(m, "b") > BUCKETS,
    );
    const ports = await running.ports("a");
    const added = target("c", { interval: SLOW });
    expect((await running.reload(config(added, target("a")))).status).toBe(200);

    const after = await running.metrics();
    for (const { labels, value } of before.series("ecmp_probes_total", { target: "a" })) {
      expect(after.value("ecmp_probes_total", labels)).toBeGreaterThanOrEqual(value);
    }
    expect(await running.ports("a")).toEqual(ports);
    expect((await running.get("/metrics")).body).not.toContain('target="b"');
    expect((await running.get("/api/v1/targets/b")).status).toBe(404);
    const fresh = after.series("ecmp_probes_total", { target: "c" });
    expect(fresh.map(({ value }) => value)).toEqual(new Array<number>(BUCKETS).fill(0));
    const failures = after.series("ecmp_probe_failures_total", { target: "c" });
    expect(failures).toHaveLength(BUCKETS);
    await running.until("a goes on", (m) => probesOf(m, "a") > probesOf(after, "a") + BUCKETS);
  });

  it("gives a target its new interval and keeps its counters, whose series are the same", async () => {
    const running = await start(config(target("a", { interval: SLOW }), target("b")));
    await running.until("b is probed", (m) => probesOf(m, "b") > BUCKETS);
    expect(probesOf(await running.metrics(), "a")).toBeLessThan(BUCKETS);
    await running.reload(config(target("a", { interval: "250ms" }), target("b")));
    const fast = await running.until("a is probed", (m) => probesOf(m, "a") > 4 * BUCKETS);
    await running.reload(config(target("a", { interval: SLOW }), target("b")));
    const after = await running.metrics();
    expect(probesOf(after, "a")).toBeGreaterThanOrEqual(probesOf(fast, "a"));
    const later = await running.until(
      "b is probed again",
      (m) => probesOf(m, "b") > probesOf(after, "b") + 4 * BUCKETS,
    );
    expect(probesOf(later, "a") - probesOf(after, "a")).toBeLessThan(BUCKETS);
  });

  it("gives a target another number of buckets, whose series begin anew", async () => {
    const running = await start(config(target("a"), target("b")));
    await running.until("both are probed", (m) => probesOf(m, "a") > 0 && probesOf(m, "b") > 0);
    const ports = await running.ports("b");
    await running.reload(config(target("a", { flow_buckets: 16, interval: SLOW }), target("b")));
    const after = await running.metrics();
    const series = after.series("ecmp_probes_total", { target: "a" });
    expect(series.map(({ value }) => value)).toEqual(new Array<number>(16).fill(0));
    await until(async () => (await running.target("a")).flows.length === 16, {
      limitMs: 5000,
      what: "sixteen flows",
    });
    expect(await running.ports("b")).toEqual(ports);
  });

  it("takes a new limit on series: targets show fewer, and more again where there is room", async () => {
    const reduced = "ecmp_exporter_targets_reduced";
    const running = await start(config(target("a")));
    const limited = { ...config(target("a"), target("b")), limits: { series: 100 } };
    await running.reload(limited);
    const after = await running.metrics();
    for (const name of ["a", "b"]) {
      const buckets = after.series("ecmp_probes_total", { target: name });
      expect(buckets.map(({ labels }) => labels["flow_bucket"])).toEqual(["other"]);
    }
    expect(after.sum(reduced)).toBe(2);
    // Probes of buckets without series of their own are counted all the same.
    const other = { target: "b", flow_bucket: "other" };
    await running.until("b is probed", (m) => m.value("ecmp_probes_total", other) > BUCKETS);

    await running.reload(config(target("a"), target("c")));
    const wide = await running.metrics();
    expect(wide.series("ecmp_probes_total", { target: "c" })).toHaveLength(BUCKETS);
    expect(wide.series("ecmp_probes_total", { target: "a" })).toHaveLength(BUCKETS + 1);
    expect(wide.sum(reduced)).toBe(0);
  });

  it("shows the effective configuration, with every default and what the environment overrides", async () => {
    const env = { ECMP_EXPORTER_PROBE_FLOW_BUCKETS: "4", ECMP_EXPORTER_TRACE_MAX_HOPS: "12" };
    const running = await start({ targets: [target("a")] }, [], { env });
    const shown = async () => {
      const { status, type, body } = await running.get("/config");
      expect([status, type]).toEqual([200, expect.stringContaining("yaml")]);
      return parse(body) as Record<string, Record<string, unknown>>;
    };
    expect(await shown()).toMatchObject({
      probe: { interval: "10s", timeout: "1s", flow_buckets: 4, source_ports: "61000-65535" },
      trace: { max_hops: 12, packets_per_second: 200 },
      limits: { series: 200_000 },
      targets: [{ name: "a", host: "127.0.0.1", protocol: "tcp", flow_buckets: 4 }],
    });
    // Targets are begun in the turns that follow, once the daemon is ready.
    await expect.poll(async () => (await running.target("a")).flows).toHaveLength(4);
    await running.reload({
      probe: { interval: "3s" },
      targets: [target("b", { flow_buckets: 2 })],
    });
    expect(await shown()).toMatchObject({
      probe: { interval: "3s", flow_buckets: 4 },
      targets: [{ name: "b", interval: "3s", flow_buckets: 2 }],
    });
    // What was shown is a configuration, and means the same.
    running.configure((await running.get("/config")).body);
    const before = await shown();
    expect((await running.get("/-/reload", "POST")).status).toBe(200);
    expect(await shown()).toEqual(before);
  });

  it("refuses to start with an override that is wrong, and names the variable", async () => {
    const env = { ECMP_EXPORTER_PROBE_INTERVAL: "soon" };
    await expect(Exporter.start(config(target("a")), [], { env })).rejects.toThrow(
      "environment: ECMP_EXPORTER_PROBE_INTERVAL: soon: must be",
    );
  });

  it("one after the other, each whole, when twenty are asked for at once", async () => {
    const running = await start(config(target("a")));
    running.configure(config(target("a"), target("b")));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => running.get("/-/reload", "POST")),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await running.until("both are probed", (m) => probesOf(m, "a") > 0 && probesOf(m, "b") > 0);
  });

  it("that is under way ends before the process does", async () => {
    const running = await start(config(target("a")));
    const many = Array.from({ length: 300 }, (_, index) =>
      target(`t${index}`, { port: 20_000 + index }),
    );
    running.configure(config(...many));
    running.process.kill("SIGHUP");
    running.process.kill("SIGTERM");
    // One more signal while it ends changes nothing.
    await running.process.said("stopping");
    expect(await running.stop()).toBe(0);
    expect(running.process.stderr).toContain("configuration reloaded");
  });
});
