import { configOf, loadOf, measureExporter } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { ADDRESSES, OTHER_PROBERS, type OtherResult } from "../other-probers.ts";
import { withNetwork } from "../probing-network.ts";
import { isInstalled } from "../programs.ts";
import { median, spread } from "../statistics.ts";

/** Probers that others use, at the rates they reach, beside the exporter at about these rates. */
export const OTHERS: Line = {
  name: "others",
  about:
    "blackbox_exporter, smokeping_prober, scamper and hping3: rate, and CPU of an answered probe",
  limitMinutes: 10,
  run: measure,
};

/** Of the first the ports are enough for all of them. */
const LOADS = [loadOf(100, 10, 1), loadOf(10, 1000, 1)];

async function measure({ rounds, seconds }: Effort): Promise<Row[]> {
  return await withNetwork(
    100,
    async (lab) => {
      const own: string[] = [];
      for (const load of LOADS) {
        const { cpuMicros } = await measureExporter(lab, configOf(load), seconds);
        own.push(`${cpuMicros.toFixed(1)} us at ${load.rate.toLocaleString("en")}/s`);
      }
      const rows: Row[] = [];
      for (const { command, how, measure: measureOther } of OTHER_PROBERS) {
        const what = `${command}: ${how}`;
        if (!isInstalled(command)) {
          rows.push({ what, measured: "not measured: it is not installed" });
          continue;
        }
        const found: OtherResult[] = [];
        try {
          for (let round = 0; round < rounds; round += 1) {
            found.push(await measureOther(lab, seconds));
          }
        } catch (error) {
          rows.push({
            what,
            measured: `not measured: ${error instanceof Error ? error.message : error}`,
          });
          continue;
        }
        const costs = found.map(({ cpuMicros }) => cpuMicros);
        const rate = median(found.map(({ perSecond }) => perSecond));
        rows.push({
          what,
          measured: `${spread(costs, 1)} us of CPU an answered probe at ${Math.round(rate).toLocaleString("en")}/s`,
          beside: `the exporter ${own.join(", ")}`,
        });
      }
      return rows;
    },
    ADDRESSES,
  );
}
