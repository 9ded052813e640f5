import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "./lab.ts";
import { type LabProcess, until } from "./processes.ts";

const READY_WITHIN_MS = 30_000;

/** A real Prometheus in a node that the host can reach, which scrapes exporters and evaluates no rules. It ends with the lab. */
export class PrometheusServer {
  readonly process: LabProcess;
  readonly #url: string;

  private constructor(started: LabProcess, url: string) {
    this.process = started;
    this.#url = url;
  }

  /**
   * Starts it and waits until it is ready.
   * @param targets `address:port` of what it scrapes, as seen from the node
   * @param interval from one scrape to the next, `15s`
   * @param port where it listens
   * @throws Error with what it said if it ends or is not ready in time
   */
  static async start(
    lab: Lab,
    node: string,
    {
      targets,
      interval,
      port = 9090,
    }: { targets: readonly string[]; interval: string; port?: number },
  ): Promise<PrometheusServer> {
    const folder = join(lab.temporaryDirectory(), "prometheus");
    mkdirSync(folder);
    const config = {
      global: { scrape_interval: interval, scrape_timeout: interval },
      scrape_configs: [{ job_name: "ecmp", static_configs: [{ targets }] }],
    };
    writeFileSync(join(folder, "prometheus.json"), JSON.stringify(config));
    const started = lab.spawn(node, [
      "prometheus",
      `--config.file=${join(folder, "prometheus.json")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=:${port}`,
    ]);
    const server = new PrometheusServer(started, `http://${lab.hostAddress(node)}:${port}`);
    const ready = async () => (await fetch(`${server.#url}/-/ready`)).status === 200;
    await until(async () => !started.running || (await ready()), {
      limitMs: READY_WITHIN_MS,
      what: () => `Prometheus: ${started.stderr}`,
    });
    if (!started.running) throw new Error(started.stderr);
    return server;
  }

  /** The values of an instant query, one for each series; none where there is none. @throws Error unless it is answered with 200 */
  async query(expression: string): Promise<readonly number[]> {
    const response = await fetch(
      `${this.#url}/api/v1/query?query=${encodeURIComponent(expression)}`,
    );
    if (response.status !== 200) throw new Error(await response.text());
    const { data } = (await response.json()) as {
      readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
    };
    return data.result.map(({ value }) => Number(value[1]));
  }
}
