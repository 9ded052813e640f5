import { availableParallelism } from "node:os";
import type { DaemonConfig } from "../../test/lab/daemon.ts";
import { buildBaselines, runBaseline } from "../baseline.ts";
import { configOf, type Load, loadOf, measureExporter } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { withNetwork } from "../probing-network.ts";
import { median, spread } from "../statistics.ts";

/** Completed probes a second that one core has to reach. */
const LEAST = 100_000;
/** What is asked of the exporter, probes a second in thousands, until more makes it complete less; what it completes at the best of them counts. */
const ASKED = [60, 75, 90, 105, 120, 140];
const FLOWS = 1000;
/** With this share of what it completed of less, it was asked too much. */
const ENOUGH_LESS = 0.9;
/** Loads are tried in this many seconds each, before the best of them is measured. */
const TRIED_SECONDS = 4;

/** As many probes as one core completes: exporter and C probers pinned to the same one, the whole network on it. */
export const SATURATED: Line = {
  name: "saturated",
  about: "completed probes a second of one core, beside C",
  limitMinutes: 10,
  run: measure,
};

async function measure({ rounds, seconds, quick }: Effort): Promise<Row[]> {
  const programs = await buildBaselines();
  // The last one: interrupts of devices most often go to the first.
  const pinned = ["taskset", "-c", String(availableParallelism() - 1)];
  const loads = (quick ? ASKED.slice(0, 2) : ASKED).map((thousands) => loadOf(thousands, FLOWS, 1));
  return await withNetwork(Math.max(...ASKED), async (lab) => {
    const tried: { load: Load; perSecond: number }[] = [];
    for (const load of loads) {
      const config = withoutSeries(load);
      const { perSecond } = await measureExporter(lab, config, TRIED_SECONDS, pinned);
      tried.push({ load, perSecond });
      if (perSecond < ENOUGH_LESS * Math.max(...tried.map((each) => each.perSecond))) break;
    }
    const best = tried.reduce((a, b) => (b.perSecond > a.perSecond ? b : a)).load;
    // Rate 0: as fast as they can, with at most 2,000 in flight.
    const unlimited = { ...best, rate: 0 };
    const exporter: number[] = [];
    const spoiled: number[] = [];
    const c: Record<"sendto" | "ring", number[]> = { sendto: [], ring: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ["sendto", "ring"] as const) {
        const result = await runBaseline(lab, programs[name], unlimited, seconds, pinned);
        c[name].push(result.perSecond / 1000);
      }
      const measured = await measureExporter(lab, withoutSeries(best), seconds, pinned);
      exporter.push(measured.perSecond / 1000);
      spoiled.push(measured.spoiled);
    }
    return [
      {
        what: `saturated, one core: completed probes a second, best of ${tried.map(({ load }) => load.rate / 1000).join(", ")} k/s asked`,
        measured: `${spread(exporter, 1)} k/s at ${best.rate / 1000} k/s asked; ${(median(exporter) / median(c.sendto)).toFixed(2)} of C sendto; ${median(spoiled)} invalid or skipped`,
        beside: `C sendto ${median(c.sendto).toFixed(0)} k/s, C ring ${median(c.ring).toFixed(0)} k/s`,
        bound: `>= ${LEAST / 1000} k/s`,
        kept: median(exporter) * 1000 >= LEAST,
      },
    ];
  });
}

/** Few series: what counts here is probing, and the C probers tell nobody anything. */
function withoutSeries(load: Load): DaemonConfig {
  const config = configOf(load);
  return { ...config, probe: { ...config.probe, series: "paths" } };
}
