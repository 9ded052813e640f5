import { Daemon } from "../../test/lab/daemon.ts";
import { pause } from "../../test/lab/processes.ts";
import { COUNTING_TURNS, turnsSoFar } from "../../test/lab/turns.ts";
import { configOf, type Load, loadOf } from "../exporter.ts";
import type { Effort, Line, Row } from "../line.ts";
import { withNetwork } from "../probing-network.ts";
import { median, spread } from "../statistics.ts";

const MOST_MS = 10;
/** Flows begin within the first interval, a second; what they leave behind a while longer. */
const WATCHED_MS = 6_000;
/** Until a new process has its code loaded, milliseconds. */
const LOADED_MS = 4_000;

/** How long the probing thread is held by targets that begin: they are added to a running exporter, so that loading the program does not count. */
export const STARTS: readonly Line[] = (
  [
    ["start-10k", loadOf(10, 1000, 1)],
    ["start-50k", loadOf(50, 1000, 1)],
  ] as const
).map(([name, load]) => ({
  name,
  about: `longest turn while ${load.rate} flows begin`,
  limitMinutes: 5,
  run: (effort) => measure(load, effort),
}));

async function measure(load: Load, { rounds }: Effort): Promise<Row[]> {
  const config = configOf(load);
  const before = { ...config, targets: config.targets.slice(0, 1) };
  const [held, late]: [number[], number[]] = [[], []];
  await withNetwork(load.targets, async (lab) => {
    for (let round = 0; round < rounds; round += 1) {
      const daemon = await Daemon.start(lab, "client", before, [], COUNTING_TURNS);
      try {
        await pause(LOADED_MS);
        await turnsSoFar(daemon);
        await daemon.reload(config);
        await pause(WATCHED_MS);
        const turns = await turnsSoFar(daemon);
        held.push(turns.held.worst);
        late.push(turns.delay.worst);
      } finally {
        await daemon.stop();
      }
    }
  });
  return [
    {
      what: `starting ${load.rate.toLocaleString("en")} flows (${load.targets} targets x ${load.flows}): longest time on a processor between two turns`,
      measured: `${spread(held, 1)} ms; latest turn ${spread(late, 1)} ms`,
      bound: `<= ${MOST_MS} ms`,
      kept: median(held) <= MOST_MS,
    },
  ];
}
