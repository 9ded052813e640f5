import { Daemon } from "../../test/lab/daemon.ts";
import { pause } from "../../test/lab/processes.ts";
import { COUNTING_TURNS, turnsSoFar } from "../../test/lab/turns.ts";
import { between, configOf, counted, loadOf } from "../exporter.ts";
import { scrapeCompressed } from "../exposition-text.ts";
import type { Effort, Line, Row } from "../line.ts";
import { withNetwork } from "../probing-network.ts";
import { corePercents, pssMegabytes } from "../process-cost.ts";
import { median, spread } from "../statistics.ts";

const TARGETS = 1000;
const FLOWS = 64;
const INTERVAL = 10;
/** So that no target's series are left out. */
const SERIES = 1_000_000;
/** From the start until every flow was probed a few times and the first surveys are over, milliseconds. */
const WARM_MS = 60_000;
/** What of a scrape the processor may have left to do when the answer is complete, milliseconds. */
const SETTLED_MS = 3_000;
/** As often as Prometheus asks where it is asked to, milliseconds. */
const SCRAPE_EVERY_MS = 15_000;

/** Shares of a core, megabytes, milliseconds. */
const MOST_PERCENT = 10;
const MOST_MEGABYTES = 300;
const MOST_DELAY_MS = 10;

/** A thousand targets of 64 flows every 10 s: processor time and memory, then what a scrape of all their series does to probes. */
export const THOUSAND: Line = {
  name: "thousand",
  about: "1,000 targets x 64 flows every 10 s: CPU, memory, and what scrapes do to probes",
  limitMinutes: 12,
  run: measure,
};

async function measure({ rounds, seconds, quick }: Effort): Promise<Row[]> {
  const targets = quick ? TARGETS / 10 : TARGETS;
  const load = loadOf(targets, FLOWS, INTERVAL);
  const what = `${targets.toLocaleString("en")} targets x ${FLOWS} flows / ${INTERVAL} s`;
  return await withNetwork(targets, async (lab) => {
    const config = configOf(load, { series: SERIES });
    // What counts turns costs processor time itself, so the cost is measured without it.
    const cost = await withDaemon([], async (daemon) => {
      await pause(quick ? WARM_MS / 4 : WARM_MS);
      const { pid } = daemon.process;
      const percents = await corePercents(pid, rounds, seconds);
      const alone = pssMegabytes(pid);
      for (let round = 0; round < rounds; round += 1) {
        await scrapeCompressed(daemon.url);
        await pause(SETTLED_MS);
      }
      return { percents, alone, scraped: pssMegabytes(pid) };
    });
    const scrapes = await withDaemon(COUNTING_TURNS, async (daemon) => {
      await pause(quick ? WARM_MS / 4 : WARM_MS);
      // The first scrape hands over the text of every label; it counts as one.
      const first = await counted(daemon);
      await pause(SETTLED_MS);
      await turnsSoFar(daemon);
      await pause(rounds * (quick ? SETTLED_MS : SCRAPE_EVERY_MS));
      const alone = { turns: await turnsSoFar(daemon), last: await counted(daemon) };
      await turnsSoFar(daemon);
      const took: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const from = performance.now();
        await scrapeCompressed(daemon.url);
        took.push(performance.now() - from);
        await pause(quick ? SETTLED_MS : SCRAPE_EVERY_MS);
      }
      const turns = await turnsSoFar(daemon);
      const last = await counted(daemon);
      return { first, alone, turns, last, took };
    });
    const nobody = between(scrapes.first, scrapes.alone.last);
    const looked = between(scrapes.alone.last, scrapes.last);
    return [
      {
        what: `${what}: CPU`,
        measured: `${spread(cost.percents, 1)} % of a core`,
        bound: `< ${MOST_PERCENT} %`,
        kept: median(cost.percents) < MOST_PERCENT,
      },
      {
        what: `${what}: memory (proportional set size), nobody looking`,
        measured: `${cost.alone.toFixed(0)} MB; after ${rounds} scrapes ${cost.scraped.toFixed(0)} MB`,
        bound: `< ${MOST_MEGABYTES} MB`,
        kept: cost.alone < MOST_MEGABYTES,
      },
      {
        what: `${rounds} scrapes of ${scrapes.last.series.toLocaleString("en")} series with gzip: probes invalid, skipped, failed`,
        measured: `${looked.invalid}, ${looked.skipped}, ${looked.failures} of ${looked.probes}; a scrape took ${spread(scrapes.took, 0)} ms, ${(scrapes.last.bytes / 1e6).toFixed(1)} MB of text`,
        beside: `as long without: ${nobody.invalid}, ${nobody.skipped}, ${nobody.failures} of ${nobody.probes}`,
        bound: "0, 0, 0",
        kept: looked.invalid + looked.skipped + looked.failures === 0,
      },
      {
        what: `during these scrapes: delay of the probing thread's turns, p99.9`,
        measured: `${scrapes.turns.delay.p999.toFixed(1)} ms (worst ${scrapes.turns.delay.worst.toFixed(1)}); on a processor p99.9 ${scrapes.turns.held.p999.toFixed(1)} ms`,
        beside: `without: ${scrapes.alone.turns.delay.p999.toFixed(1)} ms (worst ${scrapes.alone.turns.delay.worst.toFixed(1)})`,
        bound: `<= ${MOST_DELAY_MS} ms`,
        kept: scrapes.turns.delay.p999 <= MOST_DELAY_MS,
      },
    ];

    async function withDaemon<T>(
      wrapper: readonly string[],
      work: (daemon: Daemon) => Promise<T>,
    ): Promise<T> {
      const daemon = await Daemon.start(lab, "client", config, [], wrapper);
      try {
        return await work(daemon);
      } finally {
        await daemon.stop();
      }
    }
  });
}
