import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "../../test/lab/daemon.ts";
import type { Lab } from "../../test/lab/lab.ts";
import { pause } from "../../test/lab/processes.ts";
import { packageRoot } from "../../test/lab/services.ts";
import { configOf, counted, loadOf } from "../exporter.ts";
import { growthChart } from "../growth-chart.ts";
import type { Effort, Line, Row } from "../line.ts";
import { withNetwork } from "../probing-network.ts";
import { corePercents, pssMegabytes } from "../process-cost.ts";
import { median } from "../statistics.ts";

const TARGETS = [10, 50, 200, 500, 1000, 2000, 5000];
const QUICK_TARGETS = [10, 100];
const FLOWS = 64;
const INTERVAL = 10;
/** All flows have begun after the first interval. */
const WARM_MS = 25_000;
/** There are many sizes: of each no more than this. */
const MOST_ROUNDS = 3;
/** With less completed than this, the figures are not of the load that was asked for, and it is said. */
const COMPLETE = 0.999;
/** Where the chart is written to. */
export const CHART = "docs/growth.svg";

/** From ten targets to five thousand: processor time and memory, drawn. Series as shipped, of which there are fewer a target past 200,000. */
export const GROWTH: Line = {
  name: "growth",
  about: `CPU and memory from 10 to 5,000 targets; writes ${CHART}`,
  limitMinutes: 15,
  run: measure,
};

interface Size {
  readonly targets: number;
  readonly percent: number;
  readonly megabytes: number;
  /** Share of the probes due that were sent in time and counted, 0 to 1. */
  readonly completed: number;
}

async function measure({ rounds, seconds, quick }: Effort): Promise<Row[]> {
  const sizes: Size[] = [];
  for (const targets of quick ? QUICK_TARGETS : TARGETS) {
    const size = (lab: Lab) => measureSize(lab, targets, Math.min(rounds, MOST_ROUNDS), seconds);
    sizes.push(await withNetwork(targets, size));
  }
  if (!quick) writeFileSync(join(packageRoot(), CHART), chartOf(sizes));
  const each = sizes.map(
    ({ targets, percent, megabytes, completed }) =>
      `${targets.toLocaleString("en")}: ${percent.toFixed(1)} %, ${megabytes.toFixed(0)} MB${completed < COMPLETE ? ` (${(100 * completed).toFixed(1)} % of the probes completed)` : ""}`,
  );
  return [
    {
      what: `growth, targets of ${FLOWS} flows / ${INTERVAL} s: CPU of a core, memory`,
      measured: each.join("; "),
      beside: quick ? "" : `drawn in ${CHART}`,
    },
  ];
}

async function measureSize(
  lab: Lab,
  targets: number,
  rounds: number,
  seconds: number,
): Promise<Size> {
  const daemon = await Daemon.start(lab, "client", configOf(loadOf(targets, FLOWS, INTERVAL)));
  try {
    await pause(WARM_MS);
    const { pid } = daemon.process;
    const percents = await corePercents(pid, rounds, seconds);
    const megabytes = pssMegabytes(pid);
    const { probes, invalid, skipped } = await counted(daemon);
    const completed = probes / (probes + invalid + skipped);
    return { targets, percent: median(percents), megabytes, completed };
  } finally {
    await daemon.stop();
  }
}

function chartOf(sizes: readonly Size[]): string {
  return growthChart(
    [
      {
        title: "Processor time",
        yLabel: "% of a core",
        points: sizes.map(({ targets, percent }) => ({ x: targets, y: percent })),
      },
      {
        title: "Memory",
        yLabel: "MB (proportional set size)",
        points: sizes.map(({ targets, megabytes }) => ({ x: targets, y: megabytes })),
      },
    ],
    "targets",
    `${FLOWS} flows a target, each probed every ${INTERVAL} s; limits.series as shipped; nobody looking.`,
  );
}
