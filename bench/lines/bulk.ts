import { join } from "node:path";
import { Daemon } from "../../test/lab/daemon.ts";
import type { Lab } from "../../test/lab/lab.ts";
import { pause } from "../../test/lab/processes.ts";
import { packageRoot } from "../../test/lab/services.ts";
import { configOf, loadOf } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { SERVICE, withNetwork } from "../probing-network.ts";
import { median, spread } from "../statistics.ts";

const PORT = 5201;
const WARM_MS = 8_000;
/** One target as shipped, and what the central prober of a thousand targets sends; with the least share of the throughput that has to be left. */
const LOADS = [
  { load: loadOf(10, 64, 10), least: 0.95 },
  { load: loadOf(100, 64, 1), least: undefined },
];

/** A TCP stream as fast as it gets through the same links on the same processors, with the exporter beside it and without. */
export const BULK: Line = {
  name: "bulk",
  about: "throughput of a bulk TCP stream with the exporter beside it and without",
  limitMinutes: 8,
  run: measure,
};

async function measure({ rounds, seconds }: Effort): Promise<Row[]> {
  return await withNetwork(Math.max(...LOADS.map(({ load }) => load.targets)), async (lab) => {
    const program = join(packageRoot(), "bench/programs/bulk.mjs");
    const sink = lab.spawn("vip", [process.execPath, program, "receive", String(PORT)]);
    await sink.said("listening");
    const stream = async () => {
      const argv = [process.execPath, program, "send", SERVICE, String(PORT), String(seconds)];
      return Number(await lab.exec("client", argv)) / 1e9;
    };
    const rows: Row[] = [];
    for (const { load, least } of LOADS) {
      const [alone, beside]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        alone.push(await stream());
        beside.push(await withExporter(lab, load, stream));
      }
      const shares = beside.map((value, at) => value / (alone[at] ?? Number.NaN));
      rows.push({
        what: `bulk TCP beside ${load.rate.toLocaleString("en")} probes/s`,
        measured: `${median(beside).toFixed(1)} Gbit/s, ${spread(shares, 3)} of without`,
        beside: `without: ${median(alone).toFixed(1)} Gbit/s`,
        ...(least === undefined
          ? {}
          : { bound: `>= ${least} of without`, kept: median(shares) >= least }),
      });
    }
    return rows;
  });
}

async function withExporter<T>(
  lab: Lab,
  load: ReturnType<typeof loadOf>,
  work: () => Promise<T>,
): Promise<T> {
  const daemon = await Daemon.start(lab, "client", configOf(load));
  try {
    await pause(WARM_MS);
    return await work();
  } finally {
    await daemon.stop();
  }
}
