import { Daemon } from "../../test/lab/daemon.ts";
import { pause } from "../../test/lab/processes.ts";
import { COUNTING_TURNS, turnsSoFar } from "../../test/lab/turns.ts";
import { between, configOf, counted, loadOf } from "../exporter.ts";
import { fetchCompressed } from "../exposition-text.ts";
import type { Effort, Line, Row } from "../line.ts";
import { withNetwork } from "../probing-network.ts";
import { quantile } from "../statistics.ts";

const TARGETS = 60;
const FLOWS = 64;
const VIEWERS = 20;
/** As often as a page asks, milliseconds. */
const EVERY_MS = 5_000;
const WARM_MS = 20_000;
/** A turn's time on a processor may grow by this, milliseconds: a slice of the time that turns leave (ARCHITECTURE.md) and a piece begun in it. */
const ADDED_MS = 2;

/** What `/api/v1/targets` of sixty targets costs the probing thread, asked for by twenty viewers. */
export const API: Line = {
  name: "api",
  about: "what /api/v1/targets of 60 targets does to the probing thread",
  limitMinutes: 6,
  run: measure,
};

async function measure({ rounds, seconds }: Effort): Promise<Row[]> {
  const watchedMs = rounds * seconds * 1000;
  return await withNetwork(TARGETS, async (lab) => {
    const config = configOf(loadOf(TARGETS, FLOWS, 10));
    const daemon = await Daemon.start(lab, "client", config, [], COUNTING_TURNS);
    try {
      await pause(WARM_MS);
      const first = await counted(daemon);
      await turnsSoFar(daemon);
      await pause(watchedMs);
      const alone = await turnsSoFar(daemon);
      const middle = await counted(daemon);
      await turnsSoFar(daemon);
      const asked = await ask(`${daemon.url}/api/v1/targets`, watchedMs);
      const viewed = await turnsSoFar(daemon);
      const nobody = between(first, middle);
      const looked = between(middle, await counted(daemon));
      return [
        {
          what: `${VIEWERS} viewers ask for /api/v1/targets of ${TARGETS} targets every ${EVERY_MS / 1000} s: time on a processor of a turn, p99.9`,
          measured: `${viewed.held.p999.toFixed(2)} ms (worst ${viewed.held.worst.toFixed(1)}); late p99.9 ${viewed.delay.p999.toFixed(1)} ms`,
          beside: `without: ${alone.held.p999.toFixed(2)} ms (worst ${alone.held.worst.toFixed(1)}); late p99.9 ${alone.delay.p999.toFixed(1)} ms`,
          bound: `<= ${ADDED_MS} ms more than without`,
          kept: viewed.held.p999 <= alone.held.p999 + ADDED_MS,
        },
        {
          what: "the same: probes invalid, skipped",
          measured: `${looked.invalid}, ${looked.skipped} of ${looked.probes}; ${asked.times.length} answers of ${(asked.bytes / 1e3).toFixed(0)} kB compressed in ${quantile(asked.times, 0.5).toFixed(0)} ms (p99 ${quantile(asked.times, 0.99).toFixed(0)})`,
          beside: `without: ${nobody.invalid}, ${nobody.skipped} of ${nobody.probes}`,
          bound: "0, 0",
          kept: looked.invalid + looked.skipped === 0,
        },
      ];
    } finally {
      await daemon.stop();
    }
  });
}

/** Viewers that ask in turn, spread over the time between two of their questions. @returns how long answers took, milliseconds, and the bytes of one */
async function ask(url: string, forMs: number): Promise<{ times: number[]; bytes: number }> {
  const ends = performance.now() + forMs;
  const times: number[] = [];
  let bytes = 0;
  await Promise.all(
    Array.from({ length: VIEWERS }, async (_, viewer) => {
      await pause((viewer * EVERY_MS) / VIEWERS);
      while (performance.now() < ends) {
        const from = performance.now();
        bytes = (await fetchCompressed(url)).length;
        times.push(performance.now() - from);
        await pause(Math.max(0, Math.min(EVERY_MS, ends - from) - (performance.now() - from)));
      }
    }),
  );
  return { times, bytes };
}
