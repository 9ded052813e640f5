//  client ── r1 ── vip (1,000 ports)
//     └ prom1, prom2
// 1,000 targets of 64 flows. Two real Prometheus servers scrape all of their series every 15 s with gzip for five minutes, beside
// twenty viewers who ask what the page asks: no probe is skipped, invalid or failed because of it.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { between, configOf, counted, loadOf } from "../../bench/exporter.ts";
import { fetchCompressed } from "../../bench/exposition-text.ts";
import { listen, SERVICE } from "../../bench/probing-network.ts";
import { Daemon } from "../lab/daemon.ts";
import { Lab } from "../lab/lab.ts";
import { pause } from "../lab/processes.ts";
import { PrometheusServer } from "../lab/prometheus-server.ts";
import { defineLab } from "../lab/topology.ts";
import { COUNTING_TURNS, type Turns, turnsSoFar } from "../lab/turns.ts";

const TARGETS = 1000;
const LOAD = loadOf(TARGETS, 64, 10);
/** So that the series of no target are left out. */
const SERIES = 1_000_000;
const LEAST_SERIES = 400_000;
const SCRAPE_SECONDS = 15;
const VIEWERS = 20;
/** How often a page asks, and in which of its rounds for the hour of a target again. */
const EVERY_MS = 3000;
const HISTORY_ROUNDS = 5;
/** Every flow was probed a few times by then, milliseconds. */
const WARM_MS = 60_000;
const WATCHED_MS = 300_000;

describe.skipIf(inject("labMissing") !== "")("a thousand targets under many eyes", () => {
  it("are probed as if nobody looked", async () => {
    const lab = await Lab.build(
      defineLab({
        name: "watched",
        nodes: {
          client: {},
          r1: { router: true },
          vip: { services: [SERVICE] },
          prom1: {},
          prom2: {},
        },
        links: ["client", "vip", "prom1", "prom2"].map((name) => [name, "r1"] as const),
        hostAccess: ["client", "prom1", "prom2"],
      }),
    );
    try {
      await listen(lab, TARGETS);
      const config = configOf(LOAD, { series: SERIES });
      const daemon = await Daemon.start(lab, "client", config, [], COUNTING_TURNS);
      await pause(WARM_MS);
      // As long without anybody, so that what the machine itself spoils is told beside.
      const first = await counted(daemon);
      await turnsSoFar(daemon);
      await pause(WARM_MS);
      const alone = await turnsSoFar(daemon);
      const before = await counted(daemon);
      const servers = await Promise.all(
        ["prom1", "prom2"].map((node) =>
          PrometheusServer.start(lab, node, {
            targets: [`${lab.address("client")}:10190`],
            interval: `${SCRAPE_SECONDS}s`,
          }),
        ),
      );
      await turnsSoFar(daemon);
      const answers = await lookForAWhile(daemon.url);
      const watched = await turnsSoFar(daemon);
      const scrapes = await Promise.all(servers.map((server) => scrapesOf(server)));
      await Promise.all(servers.map((server) => server.process.stop()));
      const after = await counted(daemon);
      const nobody = between(first, before);
      const looked = between(before, after);
      console.log(
        [
          `${after.series} series; ${answers} answers to viewers; scrapes ${JSON.stringify(scrapes)}`,
          `nobody looking: ${JSON.stringify(nobody)}; ${told(alone)}`,
          `looked at: ${JSON.stringify(looked)}; ${told(watched)}`,
        ].join("\n"),
      );
      assert.ok(after.series >= LEAST_SERIES, `${after.series} series`);
      const expected = WATCHED_MS / 1000 / SCRAPE_SECONDS;
      for (const { succeeded, samples } of scrapes) {
        assert.ok(succeeded >= expected - 1, `${succeeded} scrapes of ${expected}`);
        assert.ok(samples >= LEAST_SERIES, `${samples} samples`);
      }
      // All of it was due, and nothing of it is missing.
      assert.ok(looked.probes >= 0.98 * LOAD.rate * (WATCHED_MS / 1000), `${looked.probes} probes`);
      const { invalid, skipped, failures } = looked;
      assert.deepEqual({ invalid, skipped, failures }, { invalid: 0, skipped: 0, failures: 0 });
    } finally {
      await lab.destroy();
    }
  });
});

function told({ delay, held }: Turns): string {
  return `turns late p99.9 ${delay.p999.toFixed(1)}, worst ${delay.worst.toFixed(1)} ms; on a processor p99.9 ${held.p999.toFixed(1)}, worst ${held.worst.toFixed(1)} ms`;
}

/** Twenty viewers, ten of the overview and ten of a target each. @returns answers that they got */
async function lookForAWhile(url: string): Promise<number> {
  const ends = performance.now() + WATCHED_MS;
  let answers = 0;
  const viewer = async (_: unknown, at: number) => {
    await pause((at * EVERY_MS) / VIEWERS);
    const target = at % 2 === 0 ? [] : [`targets/target-${at}`];
    for (let round = 0; performance.now() < ends; round += 1) {
      const from = performance.now();
      const history = at % 2 === 1 && round % HISTORY_ROUNDS === 0 ? [`history/target-${at}`] : [];
      const asked = ["summary", "status", "events?since=0", ...target, ...history];
      await Promise.all(asked.map((path) => fetchCompressed(`${url}/api/v1/${path}`)));
      answers += asked.length;
      await pause(Math.max(0, EVERY_MS - (performance.now() - from)));
    }
  };
  await Promise.all(Array.from({ length: VIEWERS }, viewer));
  return answers;
}

/** How often a server got everything, and how many samples the last time. */
async function scrapesOf(server: PrometheusServer) {
  const window = `${WATCHED_MS / 1000 + SCRAPE_SECONDS}s`;
  const succeeded = (await server.query(`sum_over_time(up[${window}])`))[0] ?? 0;
  const samples = (await server.query("scrape_samples_scraped"))[0] ?? 0;
  const seconds = (await server.query(`max_over_time(scrape_duration_seconds[${window}])`))[0];
  return { succeeded, samples, longestSeconds: seconds ?? Number.NaN };
}
