//  client ── r1 ─┬─ r2 ─┬─ r4 ── vip (192.0.2.10:3306, TCP)
//                └─ r3 ─┘
// Faults of time: a wall clock that is stepped, a process that does not run for a while, and meanwhile more packets than its
// ring holds. What goes by the clock goes on, what was not probed is said, and nothing of it is told as the network's.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Daemon, NEVER } from "../lab/daemon.ts";
import { Lab } from "../lab/lab.ts";
import type { Metrics } from "../lab/metrics.ts";
import { pause, until } from "../lab/processes.ts";
import { programPath, startService } from "../lab/services.ts";
import { compilerIsMissing, SteppedClock } from "../lab/stepped-clock.ts";
import { story, VIP } from "../lab/topologies.ts";
import { Watch } from "../lab/watch.ts";

const BUCKETS = 8;
const WITHIN_MS = 30_000;
const HOUR_S = 3600;
/** How long the process does not run; a minute in a thorough run (STOPPED_SECONDS=60). */
const STOPPED_MS = 1000 * Number(process.env["STOPPED_SECONDS"] ?? 5);
/** The ring has 8 MiB, and a packet takes some 200 bytes of it. */
const FLOOD_PACKETS = 150_000;
const EVERY_FIVE_SECONDS = "*/5 * * * * *";
const CONFIG = {
  probe: { interval: "1s", timeout: "300ms", flow_buckets: BUCKETS, rotation: EVERY_FIVE_SECONDS },
  trace: { survey: EVERY_FIVE_SECONDS },
  targets: [{ name: "service", host: VIP, port: 3306, protocol: "tcp" }],
};

interface Event {
  readonly id: number;
  readonly time: number;
  readonly kind: string;
  readonly message: string;
}

/** The verdicts that were told, in their order. */
function verdictsIn(events: readonly Event[]): (string | undefined)[] {
  const told = events.filter(({ kind }) => kind === "verdict");
  return told.map(({ message }) => message.split(":")[0]);
}

describe.skipIf(inject("labMissing") !== "" || compilerIsMissing())("time in trouble", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.build(story(2, { hostAccess: ["client"] }));
    await startService(lab, "vip", "tcp", 3306);
  });
  afterAll(async () => {
    await lab?.destroy();
  });

  const eventsOf = async (daemon: Daemon, since = 0) =>
    (await (await fetch(`${daemon.url}/api/v1/events?since=${since}`)).json()) as {
      readonly events: readonly Event[];
    };
  const failures = (metrics: Metrics) => metrics.sum("ecmp_probe_failures_total");
  const surveys = (metrics: Metrics) => metrics.sum("ecmp_traces_total", { purpose: "survey" });

  // The kernel's stamps of packets are not stepped with it: of those that lie in the ring during a step the unit tests of
  // KernelTime speak. Here packets are read through raw sockets, without such stamps.
  it("a wall clock that is stepped by an hour, back and forth: rotation, surveys and round trips go on", async () => {
    const clock = await SteppedClock.make(lab);
    const daemon = await Daemon.start(lab, "client", CONFIG, ["--receiver=raw"], clock.wrapper);
    try {
      const watch = new Watch(daemon, "service");
      await watch.allUp(BUCKETS, WITHIN_MS);
      for (const hours of [-1, 1, 1]) {
        clock.step(hours * HOUR_S);
        const before = await daemon.metrics();
        const last = (await eventsOf(daemon)).events.at(-1)?.id ?? 0;
        const rotated = await until(
          async () => {
            const { events } = await eventsOf(daemon, last);
            const rotations = events.filter(({ kind }) => kind === "rotation");
            return rotations.length >= 2 && rotations;
          },
          { limitMs: WITHIN_MS, what: `two rotations after a step of ${hours} h` },
        );
        for (const { time } of rotated)
          expect(Math.abs(time - clock.now())).toBeLessThan(WITHIN_MS);
        await watch.until(
          "paths are learnt again",
          WITHIN_MS,
          (_, now) => surveys(now) > surveys(before),
        );
        await watch.probedAgain(2, WITHIN_MS);
        const after = await daemon.metrics();
        expect(failures(after), watch.report()).toBe(0);
        const count = after.value("ecmp_probe_rtt_seconds_count", { target: "service" });
        // Over a few veth pairs: some are below a millisecond on any machine, and none is 0 or an hour.
        const sum = after.value("ecmp_probe_rtt_seconds_sum", { target: "service" });
        expect(sum / count).toBeGreaterThan(0.00001);
        expect(sum / count).toBeLessThan(0.3);
      }
      const { events } = await eventsOf(daemon);
      const ids = events.map(({ id }) => id);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(new Set(ids).size).toBe(ids.length);
      expect(verdictsIn(events)).toEqual(["healthy"]);
    } finally {
      await daemon.stop();
    }
  });

  it("a process that is stopped, and a ring that runs over meanwhile: counted as invalid, no failure", async () => {
    const daemon = await Daemon.start(lab, "client", {
      ...CONFIG,
      probe: { ...CONFIG.probe, rotation: NEVER },
      trace: { survey: NEVER },
    });
    try {
      const watch = new Watch(daemon, "service");
      await watch.allUp(BUCKETS, WITHIN_MS);
      const { sourcePort } = watch.rows[0] ?? { sourcePort: 0 };
      process.kill(daemon.process.pid, "SIGSTOP");
      try {
        const stoppedAt = performance.now();
        const flood = [process.execPath, programPath("flood.mjs"), lab.address("client")];
        await lab.exec("vip", [...flood, String(sourcePort), String(FLOOD_PACKETS)]);
        await pause(STOPPED_MS - (performance.now() - stoppedAt));
      } finally {
        process.kill(daemon.process.pid, "SIGCONT");
      }
      await watch.until(
        "what was not probed and what the kernel dropped is counted",
        WITHIN_MS,
        (_, metrics) =>
          metrics.value("ecmp_exporter_receive_drops_total") > 0 &&
          metrics.sum("ecmp_exporter_probes_skipped_total", { reason: "stall" }) > 0 &&
          watch.invalid > 0,
      );
      await watch.probedAgain(2, WITHIN_MS);
      expect(failures(await watch.look()), watch.report()).toBe(0);
      await until(
        async () => (await eventsOf(daemon)).events.some(({ kind }) => kind === "exporter"),
        { limitMs: WITHIN_MS, what: "the exporter's own trouble is among the events" },
      );
      const { events } = await eventsOf(daemon);
      expect(verdictsIn(events)).toEqual(["healthy"]);
    } finally {
      await daemon.stop();
    }
  });
});
