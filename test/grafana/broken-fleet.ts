//  c1 ─┐      ┌─ r2 ─┐
//      ├─ r1 ─┼─ r3 ─┼─ r5 ── vip (192.0.2.10)
//  c2 ─┘      └─ r4 ─┘
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Daemon, NEVER } from "../lab/daemon.ts";
import { dropForward } from "../lab/faults.ts";
import { Lab } from "../lab/lab.ts";
import { until } from "../lab/processes.ts";
import { startService } from "../lab/services.ts";
import { VIP } from "../lab/topologies.ts";
import { defineLab, type LinkSpec } from "../lab/topology.ts";
import { PrometheusServer } from "./prometheus-server.ts";

/** The routers between r1 and r5, and the one of them that forwards nothing. */
export const PARALLEL = ["r2", "r3", "r4"];
export const BROKEN = "r3";
/** Flows of the target that the story is about. */
export const BUCKETS = 12;
/** Two names that two exporters gave one hop: panels show one, and do not fail over the other. */
export const NAMES = ["r3.example.net", "r3-old.example.net"];

const HOSTS = ["c1", "c2"];
const PATIENCE_MS = 60_000;
const CONFIG = {
  probe: { interval: "1s", timeout: "300ms", flow_buckets: BUCKETS, rotation: NEVER },
  trace: { survey: NEVER },
  targets: [
    { name: "mysql", host: VIP, port: 3306, labels: { site: "lab" } },
    { name: "echo", host: VIP, port: 53, protocol: "udp", flow_buckets: 2 },
    { name: "closed", host: VIP, port: 3307, flow_buckets: 2 },
    { name: "ping", host: VIP, protocol: "icmp", flow_buckets: 2 },
  ],
};

/** Two exporters, a network with a broken router that both have found, and the Prometheus that has seen it all. */
export class BrokenFleet {
  readonly lab: Lab;
  readonly daemons: readonly Daemon[];
  readonly prometheus: PrometheusServer;
  readonly #names: { close(): void };
  /** What a dashboard's time range would be, seconds since the epoch: from the first scrape to the fault's being found. */
  readonly from: number = Date.now() / 1000;
  #to = 0;

  private constructor(
    lab: Lab,
    daemons: readonly Daemon[],
    prometheus: PrometheusServer,
    names: { close(): void },
  ) {
    this.lab = lab;
    this.daemons = daemons;
    this.prometheus = prometheus;
    this.#names = names;
  }

  /** Builds it and lets the story happen, in less than a minute. */
  static async build(): Promise<BrokenFleet> {
    const lab = await Lab.build(network());
    try {
      await Promise.all([
        startService(lab, "vip", "tcp", 3306),
        startService(lab, "vip", "udp", 53),
      ]);
      const daemons = await Promise.all(HOSTS.map((host) => Daemon.start(lab, host, CONFIG)));
      const names = await serveNames(lab.address(BROKEN));
      const jobs = { ecmp: daemons.map(({ url }) => url), names: [names.url] };
      const prometheus = await PrometheusServer.start(jobs);
      const fleet = new BrokenFleet(lab, daemons, prometheus, names);
      try {
        await fleet.#tell();
      } catch (error) {
        await fleet.stop();
        throw error;
      }
      return fleet;
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  get to(): number {
    return this.#to;
  }

  /** The one value of an expression now; NaN where there is none. */
  async number(query: string): Promise<number> {
    const [series] = await this.prometheus.now(query, Date.now() / 1000);
    return Number(series?.values[0]?.[1]);
  }

  async stop(): Promise<void> {
    await this.prometheus.stop();
    this.#names.close();
    await Promise.all(this.daemons.map((daemon) => daemon.stop()));
    await this.lab.destroy();
  }

  /**
   * The router breaks only once every path is known and the path of every flow, so that failing flows are counted on theirs
   * and what the API tells later is what was scraped: on a busy machine the last flows are surveyed long after the first.
   */
  async #tell(): Promise<void> {
    let known: number[] = [];
    const allPathsKnown = async () => {
      const paths = await this.prometheus.now(
        'ecmp_target_paths{target="mysql"}',
        Date.now() / 1000,
      );
      known = paths.map(({ values }) => Number(values[0]?.[1]));
      known.push(await this.number('count(ecmp_flow_path_id{target="mysql"})'));
      return known.join() === [...HOSTS.map(() => PARALLEL.length), HOSTS.length * BUCKETS].join();
    };
    const what = () =>
      `all paths and every flow's path are known, but only ${JSON.stringify(known)}`;
    await until(allPathsKnown, { limitMs: PATIENCE_MS, everyMs: 500, what });

    await dropForward(this.lab, BROKEN);
    // For some scrapes, so that what panels ask for every second is there too.
    const suspected = 'count_over_time(ecmp_suspect_link_loss_ratio{target="mysql"}[5s]) >= 4';
    const accusing = `count(count by (instance) (${suspected}))`;
    const untraced = 'count(ecmp_flow_up{target="mysql",last_hop="unknown"}) or vector(0)';
    const found = async () =>
      (await this.number(accusing)) === HOSTS.length && (await this.number(untraced)) === 0;
    await until(found, {
      limitMs: PATIENCE_MS,
      everyMs: 500,
      what: "both exporters suspect a link and have traced every failing flow",
    });
    this.#to = Date.now() / 1000;
  }
}

function network() {
  const links: LinkSpec[] = [
    ...HOSTS.map((host): LinkSpec => [host, "r1"]),
    ...PARALLEL.map((router): LinkSpec => ["r1", router]),
    ...PARALLEL.map((router): LinkSpec => [router, "r5"]),
    ["r5", "vip"],
  ];
  const nodes = {
    ...Object.fromEntries(HOSTS.map((host) => [host, {}])),
    ...Object.fromEntries(["r1", ...PARALLEL, "r5"].map((name) => [name, { router: true }])),
    vip: { services: [VIP] },
  };
  // With this seed both exporters' flows meet every router.
  return defineLab({ name: "fleet", nodes, links, hostAccess: HOSTS, seed: 5 });
}

/** Says what an exporter says that resolves names. */
async function serveNames(hop: string): Promise<{ url: string; close(): void }> {
  const lines = NAMES.map((name) => `ecmp_hop_info{hop="${hop}",name="${name}"} 1`);
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(`# TYPE ecmp_hop_info gauge\n${lines.join("\n")}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
