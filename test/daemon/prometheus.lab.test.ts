// The metrics as their readers meet them: a real Prometheus, promtool, and many scrapers at once.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { LabProcess, until } from "../lab/processes.ts";
import { type ParsedFamily, parseExposition } from "../support/exposition-parser.ts";
import { Exporter, type Listener, listenOn, QUICK } from "./exporter.ts";

const BUCKETS = 32;
const OPENMETRICS = "application/openmetrics-text;version=1.0.0";
const TEXT = "text/plain;version=0.0.4";
/** Versions that can be told which format to ask for (2.49 and later) run a second job over the text format. */
const PROTOCOLS = ["PrometheusText0.0.4"];

/** What Prometheus answers to a query. */
interface QueryAnswer {
  readonly status: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

interface ExemplarAnswer {
  readonly data: readonly {
    readonly seriesLabels: Readonly<Record<string, string>>;
    readonly exemplars: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly value: string;
    }[];
  }[];
}

interface TargetsAnswer {
  readonly data: {
    readonly activeTargets: readonly {
      readonly health: string;
      readonly lastError: string;
      readonly scrapePool: string;
    }[];
  };
}

/** A real Prometheus over the exporter, on the loopback interface. */
class Prometheus {
  readonly jobs: readonly string[];
  readonly #process: LabProcess;
  readonly #url: string;
  readonly #folder: string;

  private constructor(started: LabProcess, url: string, folder: string, jobs: readonly string[]) {
    this.#process = started;
    this.#url = url;
    this.#folder = folder;
    this.jobs = jobs;
  }

  static async start(exporterUrl: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), "ecl-prometheus-"));
    const file = join(folder, "prometheus.yml");
    const job = (name: string, settings = {}) => ({
      job_name: name,
      static_configs: [{ targets: [exporterUrl.replace("http://", "")] }],
      ...settings,
    });
    const write = (jobs: readonly unknown[]) =>
      writeFileSync(
        file,
        JSON.stringify({ global: { scrape_interval: "1s" }, scrape_configs: jobs }),
      );
    const both = [job("negotiated"), job("text", { scrape_protocols: PROTOCOLS })];
    write(both);
    const knowsProtocols = spawnSync("promtool", ["check", "config", file]).status === 0;
    if (!knowsProtocols) write(both.slice(0, 1));
    const free = await listenOn();
    const address = `127.0.0.1:${free.port}`;
    await free.close();
    const flags = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--enable-feature=exemplar-storage",
    ];
    const started = new LabProcess(["prometheus", ...flags], process.env);
    const jobs = knowsProtocols ? ["negotiated", "text"] : ["negotiated"];
    const prometheus = new Prometheus(started, `http://${address}`, folder, jobs);
    await started.said("Server is ready to receive web requests", 30_000);
    return prometheus;
  }

  async ask<Type>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Type> {
    const response = await fetch(`${this.#url}${path}?${new URLSearchParams(parameters)}`);
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Type;
  }

  /** Values of an instant query, by the label `job` alone. */
  async query(query: string): Promise<Record<string, number>> {
    const { data } = await this.ask<QueryAnswer>("/api/v1/query", { query });
    return Object.fromEntries(
      data.result.map(({ metric, value }) => [metric["job"] ?? "", Number(value[1])]),
    );
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

describe.skipIf(inject("labMissing") !== "")("the metrics", () => {
  let listener: Listener;
  let exporter: Exporter;
  let closed: number;
  beforeAll(async () => {
    listener = await listenOn();
    const other = await listenOn();
    closed = other.port;
    await other.close();
    const host = "127.0.0.1";
    const targets = [
      { name: "open", host, port: listener.port, labels: { site: 'a "quoted" \\ site' } },
      { name: "refused", host, port: closed, labels: { site: "b" } },
      { name: "icmp", host, protocol: "icmp" },
    ];
    const probe = { ...QUICK, flow_buckets: BUCKETS };
    exporter = await Exporter.start({ probe, targets });
    // Every flow, not only many probes: on a busy machine the slots of some flows are skipped again and again, and a flow
    // without a valid probe has no series ecmp_flow_up yet.
    await exporter.until(
      "every flow of every target is probed",
      (m) =>
        targets.every(
          ({ name: target }) =>
            m.series("ecmp_flow_up", { target }).length === BUCKETS &&
            m.series("ecmp_probes_total", { target }).every(({ value }) => value >= 2),
        ),
      30_000,
    );
  });
  afterAll(async () => {
    await exporter?.stop();
    await listener?.close();
  });

  const scrapeAs = async (accept: string): Promise<{ body: string; families: ParsedFamily[] }> => {
    const { status, type, body } = await exporter.get("/metrics", "GET", { accept });
    const format = accept === TEXT ? "text" : "openmetrics";
    const expected =
      format === "text"
        ? "text/plain; version=0.0.4"
        : "application/openmetrics-text; version=1.0.0";
    expect([status, type]).toEqual([200, `${expected}; charset=utf-8`]);
    return { body, families: parseExposition(body, format) };
  };
  /**
   * Every series of ours, values aside, whose birth is behind us. Those of paths are born as paths become known, those of
   * the process as node first frees or opens something.
   */
  const names = (families: readonly ParsedFamily[]) =>
    families
      .flatMap(({ samples }) => samples.map(({ name, labels }) => name + JSON.stringify(labels)))
      .filter((name) => /^ecmp_(?!path_|link_|flow_path_id)/.test(name))
      .sort();

  it("alternate between both formats fifty times, and both always show the same series", async () => {
    const first = names((await scrapeAs(TEXT)).families);
    expect(first.length).toBeGreaterThan(5 * BUCKETS);
    for (let turn = 0; turn < 50; turn += 1) {
      const { families } = await scrapeAs(turn % 2 === 0 ? OPENMETRICS : TEXT);
      expect(names(families), `scrape ${turn}`).toEqual(first);
    }
  });

  it("stand promtool's check, whichever format was scraped before", async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      await scrapeAs(OPENMETRICS);
      const { body } = await scrapeAs(TEXT);
      const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
        input: body,
        encoding: "utf8",
      });
      expect([status, stdout, stderr]).toEqual([0, "", ""]);
    }
  });

  it("reach forty scrapers at once whole, in the format that each asked for", async () => {
    const alone = names((await scrapeAs(TEXT)).families);
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, i) => scrapeAs(i % 2 === 0 ? TEXT : OPENMETRICS)),
    );
    for (const { families } of all) expect(names(families)).toEqual(alone);
  });

  it("are compressed for those that take gzip, and mean the same", async () => {
    const { bytes, encoding } = await new Promise<{ bytes: Buffer; encoding: string | undefined }>(
      (resolve, reject) => {
        const headers = { accept: OPENMETRICS, "accept-encoding": "gzip" };
        get(`${exporter.url}/metrics`, { headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({
              bytes: Buffer.concat(chunks),
              encoding: response.headers["content-encoding"],
            }),
          );
        }).on("error", reject);
      },
    );
    expect(encoding).toBe("gzip");
    const plain = await scrapeAs(OPENMETRICS);
    expect(bytes.length).toBeLessThan(plain.body.length / 4);
    const families = parseExposition(gunzipSync(bytes).toString(), "openmetrics");
    expect(names(families)).toEqual(names(plain.families));
  });

  it("carry exemplars with source port and bucket in OpenMetrics, none in text", async () => {
    const { families } = await scrapeAs(OPENMETRICS);
    const rtt = families.find(({ name }) => name === "ecmp_probe_rtt_seconds");
    const exemplars = rtt?.samples.flatMap(({ exemplar }) => exemplar ?? []) ?? [];
    expect(exemplars.length).toBeGreaterThan(0);
    for (const { labels, value } of exemplars) {
      expect(Object.keys(labels).sort()).toEqual(["flow_bucket", "source_port"]);
      expect(Number(labels["source_port"])).toBeGreaterThanOrEqual(61_000);
      expect(Number(labels["flow_bucket"])).toBeLessThan(BUCKETS);
      expect(value).toBeGreaterThan(0);
    }
    expect((await scrapeAs(TEXT)).body).not.toContain(" # {");
  });

  it("are scraped by a real Prometheus without an error, which stores the exemplars", async () => {
    const prometheus = await Prometheus.start(exporter.url);
    try {
      const { jobs } = prometheus;
      const everyJob = (value: number) => Object.fromEntries(jobs.map((job) => [job, value]));
      const scraped = await until(
        async () => {
          // Where it cannot be told to ask for text, somebody else does between its scrapes.
          if (jobs.length === 1) await scrapeAs(TEXT);
          const counted = await prometheus.query("sum by (job) (count_over_time(up[1m]))");
          return jobs.every((job) => (counted[job] ?? 0) >= 6) && counted;
        },
        { limitMs: 30_000, everyMs: 300, what: "six scrapes of each job" },
      );
      expect(Object.keys(scraped).sort()).toEqual([...jobs].sort());
      expect(await prometheus.query("min by (job) (min_over_time(up[1m]))")).toEqual(everyJob(1));
      const { data } = await prometheus.ask<TargetsAnswer>("/api/v1/targets");
      expect(data.activeTargets.map(({ health, lastError }) => [health, lastError])).toEqual(
        jobs.map(() => ["up", ""]),
      );
      const count = (query: string) => prometheus.query(`count by (job) (${query})`);
      expect(await count('ecmp_probes_total{target="open"}')).toEqual(everyJob(BUCKETS));
      expect(await count('ecmp_flow_up{target="refused"} == 0')).toEqual(everyJob(BUCKETS));
      expect(await count('ecmp_probe_rtt_seconds_count{target="icmp"}')).toEqual(everyJob(1));
      expect(await count('ecmp_probes_total{site=~"a .quoted. . site"}')).toEqual(
        everyJob(BUCKETS),
      );
      // The loss ratio, as a rule would have it: counters that count.
      const ratio =
        'sum by (job) (rate(ecmp_probe_failures_total{target="refused"}[1m])) / ' +
        'sum by (job) (rate(ecmp_probes_total{target="refused"}[1m]))';
      expect(await prometheus.query(ratio)).toEqual(everyJob(1));
      const now = Date.now() / 1000;
      const exemplars = await prometheus.ask<ExemplarAnswer>("/api/v1/query_exemplars", {
        query: 'ecmp_probe_rtt_seconds_bucket{target="open",job="negotiated"}',
        start: String(now - 120),
        end: String(now + 5),
      });
      const stored = exemplars.data.flatMap((series) => series.exemplars);
      expect(stored.length).toBeGreaterThan(0);
      const ring = Number(stored[0]?.labels["source_port"]);
      expect(ring).toBeGreaterThanOrEqual(61_000);
      expect(stored[0]?.labels["flow_bucket"]).toMatch(/^\d+$/);
    } finally {
      await prometheus.stop();
    }
  });
});
