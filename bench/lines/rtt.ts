import { startCapture } from "../../test/lab/capture.ts";
import { Daemon } from "../../test/lab/daemon.ts";
import type { Lab } from "../../test/lab/lab.ts";
import { pause } from "../../test/lab/processes.ts";
import { type CapturedProbe, capturedProbes } from "../captured-rtt.ts";
import { configOf, loadOf } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { FIRST_PORT, SERVICE, withNetwork } from "../probing-network.ts";
import { median, quantile } from "../statistics.ts";

/** The target whose round-trip times are compared, flow by flow. */
const NAME = "measured";
const FLOWS = 64;
const INTERVAL_MS = 2_000;
/** Other targets beside it, where there is a load. */
const LOAD = loadOf(10, 1000, 1);
const PORT = FIRST_PORT + LOAD.targets;
const WARM_MS = 6_000;
/** A probe so close to the question may or may not be in its answer, milliseconds. */
const UNSURE_MS = 150;
const STALL_MS = 100;
const STALL_EVERY_MS = 400;
/** What the 99th percentile of errors may be, milliseconds: a fiftieth of the 10 ms from which on a path counts as slow. */
const MOST_MS = 0.2;

/** The exporter's round-trip times against the times at which the kernel saw the same packets on the wire (tcpdump). */
export const RTT: Line = {
  name: "rtt",
  about:
    "round-trip times against the kernel's capture: idle, at 10,000/s, through stalls of 100 ms",
  limitMinutes: 8,
  run: measure,
};

async function measure({ rounds, quick }: Effort): Promise<Row[]> {
  const asks = (quick ? 2 : 4) * rounds;
  return await withNetwork(LOAD.targets + 1, async (lab) => [
    await compare(lab, "idle", asks, false, false),
    await compare(lab, `beside ${LOAD.rate.toLocaleString("en")} probes/s`, asks, true, false),
    await compare(lab, `through stalls of ${STALL_MS} ms`, asks, false, true),
  ]);
}

async function compare(
  lab: Lab,
  state: string,
  asks: number,
  loaded: boolean,
  stalled: boolean,
): Promise<Row> {
  const config = configOf(LOAD);
  const own = { interval: `${INTERVAL_MS / 1000}s`, timeout: "500ms", flow_buckets: FLOWS };
  const measured = { name: NAME, host: SERVICE, port: PORT, protocol: "tcp", ...own };
  const daemon = await Daemon.start(lab, "client", {
    ...config,
    targets: [...(loaded ? config.targets : []), measured],
  });
  const capture = await startCapture(lab, "client", "to-r1", "inout", `tcp port ${PORT}`);
  const stalls = stalled ? stallNowAndThen(daemon) : undefined;
  const told: { from: number; flows: readonly FlowView[] }[] = [];
  try {
    await pause(WARM_MS);
    for (let ask = 0; ask < asks; ask += 1) {
      const from = Date.now();
      const { flows } = (await daemon.target(NAME)) as { readonly flows: readonly FlowView[] };
      told.push({ from, flows });
      await pause(INTERVAL_MS + UNSURE_MS);
    }
  } finally {
    await stalls?.end();
    await daemon.stop();
  }
  const probes = capturedProbes(await capture.stop());
  const errors = told.flatMap(({ from, flows }) => errorsOf(flows, probes, from));
  const worst = Math.max(...errors);
  return {
    what: `error of the round-trip time against the kernel's capture, ${state}`,
    measured: `median ${(1000 * median(errors)).toFixed(0)} us, p99 ${(1000 * quantile(errors, 0.99)).toFixed(0)} us, worst ${(1000 * worst).toFixed(0)} us of ${errors.length} probes`,
    beside: `round-trip time ${(1000 * median(probes.map(({ rttMs }) => rttMs))).toFixed(0)} us`,
    bound: `p99 <= ${1000 * MOST_MS} us`,
    kept: errors.length >= (asks * FLOWS) / 2 && quantile(errors, 0.99) <= MOST_MS,
  };
}

interface FlowView {
  readonly source_port: number;
  readonly rtt_seconds: number | null;
}

/** How far off each flow's round-trip time is, milliseconds. @param asked when, milliseconds since the epoch */
function errorsOf(
  flows: readonly FlowView[],
  probes: readonly CapturedProbe[],
  asked: number,
): number[] {
  return flows.flatMap(({ source_port, rtt_seconds }) => {
    const own = probes.filter(({ sourcePort }) => sourcePort === source_port);
    const unsure = own.some(({ sentAt }) => Math.abs(sentAt * 1000 - asked) < UNSURE_MS);
    const last = own.findLast(({ sentAt }) => sentAt * 1000 < asked);
    if (unsure || last === undefined || rtt_seconds === null) return [];
    return [Math.abs(rtt_seconds * 1000 - last.rttMs)];
  });
}

/** Stops the daemon for a tenth of a second, several times a second. */
function stallNowAndThen({ process: { pid } }: Daemon): { end(): Promise<void> } {
  let going = true;
  const stalling = (async () => {
    while (going) {
      process.kill(pid, "SIGSTOP");
      await pause(STALL_MS);
      process.kill(pid, "SIGCONT");
      await pause(STALL_EVERY_MS - STALL_MS);
    }
  })();
  return {
    end: async () => {
      going = false;
      await stalling;
    },
  };
}
