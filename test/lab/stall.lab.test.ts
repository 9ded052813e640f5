//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip (192.0.2.10:3306, TCP)
//                ├─ r4 ─┤
//                └─ r5 ─┘
// The exporter's own trouble is never the network's: stopped, starved and scraped by many at once, it reports no failure.
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Daemon, NEVER } from "./daemon.ts";
import { Lab } from "./lab.ts";
import { pause } from "./processes.ts";
import { startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";
import { Watch } from "./watch.ts";

const BUCKETS = 400;
const INTERVAL_MS = 1000;
const PROBES = 10_000;
const STOP_MS = 3000;
const SCRAPES = 40;
const TARGET = "mysql-vip";
/** The busy loops end by themselves, should nobody stop them. */
const BUSY_MS = 60_000;

describe.skipIf(inject("labMissing") !== "")("a stalled exporter", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.build(story(4, { hostAccess: ["client"] }));
    await startService(lab, "vip", "tcp", 3306);
  });
  afterAll(() => lab?.destroy());

  it("reports no failure in ten thousand probes, and counts its own invalid probes", async () => {
    const daemon = await Daemon.start(lab, "client", {
      probe: {
        interval: `${INTERVAL_MS}ms`,
        timeout: "500ms",
        flow_buckets: BUCKETS,
        rotation: NEVER,
      },
      targets: [{ name: TARGET, host: VIP, port: 3306, protocol: "tcp" }],
    });
    const start = performance.now();
    const watch = new Watch(daemon, TARGET);
    await watch.allUp(BUCKETS, 10_000);

    const busy = `const end = Date.now() + ${BUSY_MS}; while (Date.now() < end);`;
    const loops = Array.from({ length: availableParallelism() }, () =>
      lab.spawn("r1", [process.execPath, "-e", busy]),
    );
    for (let stop = 0; stop < 2; stop++) {
      await watch.probedAgain(3, 30_000);
      daemon.process.kill("SIGSTOP");
      await pause(STOP_MS);
      const scrapes = Array.from({ length: SCRAPES }, () => daemon.metrics());
      daemon.process.kill("SIGCONT");
      for (const metrics of await Promise.all(scrapes)) {
        expect(metrics.series("ecmp_probes_total", { target: TARGET })).toHaveLength(BUCKETS);
      }
    }
    await watch.until(
      `${PROBES} probes`,
      60_000,
      (_, metrics) => metrics.sum("ecmp_probes_total", { target: TARGET }) >= PROBES,
    );
    await Promise.all(loops.map((busyLoop) => busyLoop.stop("SIGKILL")));

    const metrics = await watch.look();
    const due = ((performance.now() - start) / INTERVAL_MS) * BUCKETS;
    const total = (name: string) => metrics.sum(name);
    expect(total("ecmp_probe_failures_total"), watch.report()).toBe(0);
    expect(
      watch.rows.every((row) => row.up),
      watch.report(),
    ).toBe(true);
    const invalid = total("ecmp_probes_invalid_total");
    const table = ["ecmp_probes_invalid_total", "ecmp_exporter_probes_skipped_total"]
      .map((name) => metrics.table(name))
      .join("\n");
    // Two stops of 3 s leave a hole of six seconds' probes, of which nothing may be swept under the carpet.
    expect(invalid, table).toBeGreaterThan(((2 * STOP_MS) / INTERVAL_MS) * BUCKETS * 0.8);
    const accounted = (total("ecmp_probes_total") + invalid) / due;
    expect(accounted, `share of the ${Math.round(due)} probes due\n${table}`).toBeGreaterThan(0.9);
    expect(accounted, `share of the ${Math.round(due)} probes due\n${table}`).toBeLessThan(1.05);
  });
});
