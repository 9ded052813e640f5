//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip (192.0.2.10:3306, TCP)
//                ├─ r4 ─┤
//                └─ r5 ─┘
// Buckets rotate every 20 s; a failing one keeps its port until it has recovered; a restart changes no ring.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Daemon } from "./daemon.ts";
import { dropForward } from "./faults.ts";
import { portsByBucket } from "./flow-rows.ts";
import { Lab } from "./lab.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";
import { Watch } from "./watch.ts";

const BUCKETS = 32;
const INTERVAL_MS = 2000;
const ROTATION_MS = 20_000;
const TARGET = "mysql-vip";
const CONFIG = {
  probe: {
    interval: `${INTERVAL_MS}ms`,
    timeout: "500ms",
    flow_buckets: BUCKETS,
    rotation: "*/20 * * * * *",
  },
  targets: [{ name: TARGET, host: VIP, port: 3306, protocol: "tcp" }],
};

describe.skipIf(inject("labMissing") !== "")("rotation", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.build(story(4, { hostAccess: ["client"] }));
    await startService(lab, "vip", "tcp", 3306);
  });
  afterAll(() => lab?.destroy());

  /** Starts the exporter well before a rotation, and returns the ports it begins with. */
  const startBetweenRotations = async () => {
    const early = () => Date.now() % ROTATION_MS < ROTATION_MS / 2;
    await until(early, { limitMs: ROTATION_MS, what: "the first half between two rotations" });
    const daemon = await Daemon.start(lab, "client", CONFIG);
    const watch = new Watch(daemon, TARGET);
    await watch.allUp(BUCKETS, ROTATION_MS / 2);
    return { daemon, watch, first: portsByBucket(watch.rows) };
  };

  it("moves healthy buckets, holds failing ones until they recover, and survives a restart", async () => {
    const { daemon, watch, first } = await startBetweenRotations();
    const ports = () => portsByBucket(watch.rows);
    /** Waits for the next rotation; returns the buckets that kept the port they have in `before`. */
    const afterRotation = async (before: ReadonlyMap<number, number>) => {
      const kept = () => watch.rows.filter((row) => before.get(row.bucket) === row.sourcePort);
      await watch.until("a rotation", ROTATION_MS * 1.5, () => kept().length < BUCKETS / 2);
      await watch.probedAgain(1, ROTATION_MS / 2);
      return new Set(kept().map((row) => row.bucket));
    };

    expect(new Set(first.values()).size, watch.report()).toBe(BUCKETS);
    expect([...(await afterRotation(first))], watch.report()).toEqual([]);

    const fault = await dropForward(lab, "r4");
    await lab.truth("r4").reset();
    await watch.probedAgain(2, ROTATION_MS);
    const truth = await lab.truth("r4").ports();
    const failing = watch.rows.filter((row) => !row.up);
    expect(new Set(failing.map((row) => row.sourcePort)), watch.report()).toEqual(truth);
    expect(truth.size).toBeGreaterThan(0);

    const held = await afterRotation(ports());
    expect([...held], watch.report()).toEqual(failing.map((row) => row.bucket));
    const stillFailing = failing.every((row) => !watch.rows[row.bucket]?.up);
    expect(stillFailing, watch.report()).toBe(true);

    await fault.heal();
    await watch.recovered(BUCKETS, INTERVAL_MS);
    expect([...(await afterRotation(ports()))], watch.report()).toEqual([]);
    expect(await daemon.stop()).toBe(0);

    const again = await startBetweenRotations();
    expect(again.first, again.watch.report()).toEqual(first);
    await again.daemon.stop();
  });
});
