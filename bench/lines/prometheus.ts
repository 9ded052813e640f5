import { Daemon } from "../../test/lab/daemon.ts";
import { Lab } from "../../test/lab/lab.ts";
import { pause } from "../../test/lab/processes.ts";
import { PrometheusServer } from "../../test/lab/prometheus-server.ts";
import { defineLab, type LinkSpec } from "../../test/lab/topology.ts";
import { configOf, loadOf } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { listen, SERVICE } from "../probing-network.ts";
import { cpuSeconds, pssMegabytes } from "../process-cost.ts";
import { isInstalled } from "../programs.ts";

const EXPORTERS = 10;
const TARGETS = 100;
const FLOWS = 64;
const SCRAPE_SECONDS = 15;
const EXPORTER_PORT = 10_190;
/** From the start of Prometheus, milliseconds: all paths are known, and its memory has gone up and down with a few collections. */
const WATCHED_MS = 180_000;
const QUICK_MS = 40_000;

/** The measured point of docs/scale.md: one Prometheus that scrapes ten exporters of a hundred targets. */
export const PROMETHEUS: Line = {
  name: "prometheus",
  about: "a Prometheus that scrapes ten exporters of 100 targets: series, memory, time of a scrape",
  limitMinutes: 8,
  run: measure,
};

async function measure({ quick }: Effort): Promise<Row[]> {
  const what = `Prometheus with ${EXPORTERS} exporters of ${TARGETS} targets x ${FLOWS} flows, every ${SCRAPE_SECONDS} s`;
  if (!isInstalled("prometheus")) return [{ what, measured: "not measured: it is not installed" }];
  const exporters = Array.from({ length: quick ? 2 : EXPORTERS }, (_, at) => `c${at + 1}`);
  const lab = await Lab.build(
    defineLab({
      name: "scale",
      nodes: {
        ...Object.fromEntries(exporters.map((name) => [name, {}])),
        r1: { router: true },
        vip: { services: [SERVICE] },
        prom: {},
      },
      links: [...exporters, "vip", "prom"].map((name): LinkSpec => [name, "r1"]),
      hostAccess: [...exporters, "prom"],
    }),
  );
  try {
    await listen(lab, TARGETS);
    for (const name of exporters) {
      await Daemon.start(lab, name, configOf(loadOf(TARGETS, FLOWS, 10)));
    }
    const prometheus = await PrometheusServer.start(lab, "prom", {
      targets: exporters.map((name) => `${lab.address(name)}:${EXPORTER_PORT}`),
      interval: `${SCRAPE_SECONDS}s`,
    });
    const { pid } = prometheus.process;
    let peak = 0;
    const from = performance.now();
    const cpu = cpuSeconds(pid);
    while (performance.now() - from < (quick ? QUICK_MS : WATCHED_MS)) {
      await pause(1000);
      peak = Math.max(peak, pssMegabytes(pid));
    }
    const percent = (100_000 * (cpuSeconds(pid) - cpu)) / (performance.now() - from);
    const one = async (expression: string) => (await prometheus.query(expression))[0] ?? Number.NaN;
    const series = await one("sum(scrape_samples_scraped)");
    const up = await one("sum(up)");
    const mean = await one("avg(avg_over_time(scrape_duration_seconds[2m]))");
    const longest = await one("max(max_over_time(scrape_duration_seconds[2m]))");
    const last = pssMegabytes(pid);
    return [
      {
        what,
        measured: `${series.toLocaleString("en")} series; ${last.toFixed(0)} MB, at most ${peak.toFixed(0)} MB: ${((peak * 1024) / series).toFixed(1)} kB a series; ${percent.toFixed(0)} % of a core; a scrape ${(1000 * mean).toFixed(0)} ms, at most ${(1000 * longest).toFixed(0)} ms`,
        bound: `all ${exporters.length} scraped`,
        kept: up === exporters.length && series > 0,
      },
    ];
  } finally {
    await lab.destroy();
  }
}
