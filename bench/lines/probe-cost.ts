import { buildBaselines, runBaseline } from "../baseline.ts";
import { configOf, type Load, loadOf, type Measured, measureExporter } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { withNetwork } from "../probing-network.ts";
import { median, spread } from "../statistics.ts";

/** What a probe may cost at most, as a multiple of the C prober with sendto and recv. */
const MOST = 1;

interface Round {
  readonly sendto: number;
  readonly ring: number;
  readonly exporter: Measured;
}

/** Processor time of a completed probe, beside the C probers at the same rate through the same links, one after the other in each round. */
export const PROBE_COSTS: readonly Line[] = (
  [
    ["cost-1k", loadOf(10, 100, 1)],
    ["cost-10k", loadOf(10, 1000, 1)],
    ["cost-50k", loadOf(50, 1000, 1)],
  ] as const
).map(([name, load]) => ({
  name,
  about: `processor time of a completed probe at ${load.rate}/s, beside C`,
  limitMinutes: 10,
  run: (effort) => measure(load, effort),
}));

async function measure(load: Load, { rounds, seconds }: Effort): Promise<Row[]> {
  const programs = await buildBaselines();
  const found = await withNetwork(load.targets, async (lab) => {
    const all: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      all.push({
        sendto: (await runBaseline(lab, programs.sendto, load, seconds)).cpuMicros,
        ring: (await runBaseline(lab, programs.ring, load, seconds)).cpuMicros,
        exporter: await measureExporter(lab, configOf(load), seconds),
      });
    }
    return all;
  });
  const ratios = found.map(({ exporter, sendto }) => exporter.cpuMicros / sendto);
  const cost = spread(
    found.map(({ exporter }) => exporter.cpuMicros),
    1,
  );
  const [sendto, ring] = (["sendto", "ring"] as const).map((name) =>
    median(found.map((round) => round[name])).toFixed(1),
  );
  const spoiled = found.map(({ exporter }) => exporter.spoiled);
  return [
    {
      what: `CPU of a completed probe, ${load.rate.toLocaleString("en")}/s (${load.targets} targets x ${load.flows} flows)`,
      measured: `${cost} us; ${spread(ratios, 2)} of C sendto`,
      beside: `C sendto ${sendto} us, C ring ${ring} us`,
      bound: `<= ${MOST.toFixed(2)} of C sendto`,
      kept: median(ratios) <= MOST,
    },
    {
      what: `the same: probes invalid or skipped, the most of a run`,
      measured: `${Math.max(...spoiled)}`,
      beside: `${median(found.map(({ exporter }) => exporter.perSecond)).toFixed(0)} completed/s`,
      bound: "0",
      kept: Math.max(...spoiled) === 0,
    },
  ];
}
