import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenOn } from "../daemon/exporter.ts";
import { LabProcess } from "../lab/processes.ts";

type Labels = Readonly<Record<string, string>>;

/** Values of one series over time: seconds since the epoch, and the value as text. */
export interface Series {
  readonly metric: Labels;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** A probe that a bucket of a histogram remembers. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: string;
}

/** A real Prometheus that scrapes every second, on the loopback interface. */
export class PrometheusServer {
  readonly #process: LabProcess;
  readonly #url: string;
  readonly #folder: string;

  private constructor(started: LabProcess, url: string, folder: string) {
    this.#process = started;
    this.#url = url;
    this.#folder = folder;
  }

  /** Starts it over the exporters of each job, `http://host:port`. */
  static async start(jobs: Readonly<Record<string, readonly string[]>>): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), "ecl-dashboards-"));
    const file = join(folder, "prometheus.yml");
    const job = ([name, urls]: readonly [string, readonly string[]]) => ({
      job_name: name,
      static_configs: [{ targets: urls.map((url) => url.replace("http://", "")) }],
    });
    const config = {
      global: { scrape_interval: "1s" },
      scrape_configs: Object.entries(jobs).map(job),
    };
    writeFileSync(file, JSON.stringify(config));
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
    const server = new PrometheusServer(started, `http://${address}`, folder);
    await started.said("Server is ready to receive web requests", 30_000);
    return server;
  }

  /** The values of an expression now, as series of one value each. @throws Error with Prometheus's words */
  async now(query: string, time: number): Promise<Series[]> {
    const asked = { query, time: String(time) };
    const result = await this.#ask<
      (Omit<Series, "values"> & { readonly value: Series["values"][number] })[]
    >("query", asked);
    return result.map(({ metric, value }) => ({ metric, values: [value] }));
  }

  /** The values of an expression from `start` to `end`, seconds since the epoch. */
  over(query: string, start: number, end: number, step: number): Promise<Series[]> {
    const range = { start: String(start), end: String(end), step: String(step) };
    return this.#ask<Series[]>("query_range", { query, ...range });
  }

  /** The exemplars of the series that an expression selects. */
  async exemplars(query: string, start: number, end: number): Promise<Exemplar[]> {
    const asked = { query, start: String(start), end: String(end) };
    const data = await this.#data<{ readonly exemplars: Exemplar[] }[]>("query_exemplars", asked);
    return data.flatMap(({ exemplars }) => exemplars);
  }

  /** The values that a label of the series that a selector matches has. */
  values(label: string, selector: string): Promise<string[]> {
    return this.#data(`label/${label}/values`, { "match[]": selector });
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask<Result>(path: string, parameters: Labels): Promise<Result> {
    return (await this.#data<{ readonly result: Result }>(path, parameters)).result;
  }

  async #data<Data>(path: string, parameters: Labels): Promise<Data> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body = (await response.json()) as { status: string; error?: string; data: Data };
    if (body.status !== "success") throw new Error(`${parameters["query"]}: ${body.error}`);
    return body.data;
  }
}
