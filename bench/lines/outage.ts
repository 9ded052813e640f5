import { join } from "node:path";
import { Daemon } from "../../test/lab/daemon.ts";
import { dropForward } from "../../test/lab/faults.ts";
import type { Lab } from "../../test/lab/lab.ts";
import { pause } from "../../test/lab/processes.ts";
import { packageRoot } from "../../test/lab/services.ts";
import { COUNTING_TURNS, turnsSoFar } from "../../test/lab/turns.ts";
import { between, configOf, counted, loadOf } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { withNetwork } from "../probing-network.ts";

const TARGETS = 200;
const FLOWS = 64;
const INTERVAL = 10;
const WARM_MS = 30_000;
/** Three rounds of every flow, and the traces of what fails. */
const OUTAGE_MS = 35_000;
const MOST_MS = 10;
/** trace.packets_per_second as shipped. */
const TRACE_BUDGET = 200;

const WITHOUT_RING = `--import=${join(packageRoot(), "bench/programs/without-ring.mjs")}`;

/** 200 targets, 12,800 flows, fail at once: what it does to the turns, and whether failures are counted as failures. */
export const OUTAGE: Line = {
  name: "outage",
  about: "12,800 flows fail at once, with both receivers: turns, and what the probes count as",
  limitMinutes: 6,
  run: measure,
};

async function measure(_effort: Effort): Promise<Row[]> {
  return await withNetwork(TARGETS, async (lab) => [
    ...(await failAtOnce(lab, "packet ring", COUNTING_TURNS)),
    ...(await failAtOnce(
      lab,
      "raw sockets",
      COUNTING_TURNS.map((part) =>
        part.startsWith("NODE_OPTIONS=") ? `${part} ${WITHOUT_RING}` : part,
      ),
    )),
  ]);
}

async function failAtOnce(lab: Lab, receiver: string, wrapper: readonly string[]): Promise<Row[]> {
  const load = loadOf(TARGETS, FLOWS, INTERVAL);
  const daemon = await Daemon.start(lab, "client", configOf(load), [], wrapper);
  try {
    if (!daemon.process.stderr.includes(receiver)) {
      throw new Error(`no receiver through ${receiver}: ${daemon.process.stderr}`);
    }
    await pause(WARM_MS);
    await turnsSoFar(daemon);
    const before = await counted(daemon);
    const fault = await dropForward(lab, "r1");
    await pause(OUTAGE_MS);
    const { held, delay } = await turnsSoFar(daemon);
    const { failures, probes, invalid, skipped, traces, seconds } = between(
      before,
      await counted(daemon),
    );
    await fault.heal();
    // Probes under way at either end, and the first of them answered.
    const due = (OUTAGE_MS / 1000) * load.rate;
    const what = `mass outage, ${TARGETS} targets x ${FLOWS} flows, ${receiver}`;
    return [
      {
        what: `${what}: turns, p99.9`,
        measured: `late ${delay.p999.toFixed(1)} ms (worst ${delay.worst.toFixed(1)}); on a processor ${held.p999.toFixed(1)} ms (worst ${held.worst.toFixed(1)})`,
        bound: `late <= ${MOST_MS} ms`,
        kept: delay.p999 <= MOST_MS,
      },
      {
        what: `${what}: probes failed, invalid, skipped`,
        measured: `${failures} of ${probes}, ${invalid}, ${skipped}`,
        bound: `failed of >= ${(0.9 * due).toFixed(0)}; 0, 0`,
        kept: failures >= 0.9 * due && invalid + skipped === 0,
      },
      {
        what: `${what}: packets of traces`,
        measured: `${(traces / seconds).toFixed(0)}/s`,
        bound: `<= ${TRACE_BUDGET}/s, the budget`,
        kept: traces <= TRACE_BUDGET * (seconds + 1),
      },
    ];
  } finally {
    await daemon.stop();
  }
}
