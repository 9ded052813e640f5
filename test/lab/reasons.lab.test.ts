//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip (3306 open, 3307 closed, TCP)
//                ├─ r4 ─┤
//                └─ r5 ─┘
// Failures that somebody reports: the reason and who said so.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Daemon, NEVER } from "./daemon.ts";
import { type Fault, loop, reject } from "./faults.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import { story, vipOf } from "./topologies.ts";
import { Watch } from "./watch.ts";

// Few and slow: a stock Linux router reports one failure a second.
const BUCKETS = 12;
const CLOSED_BUCKETS = 4;
const INTERVAL_MS = 5000;
const WITHIN_MS = 45_000;

describe.skipIf(inject("labMissing") !== "").concurrent.each([4, 6] as const)(
  "reasons of failures over IPv%d",
  (family) => {
    const host = vipOf({ family });
    let lab: Lab;
    let daemon: Daemon;
    let open: Watch;
    let closed: Watch;

    /** Counts of a target's failures by reason, without the zeros. */
    const reasons = async (target: string) =>
      Object.fromEntries(
        (await daemon.metrics())
          .series("ecmp_probe_failure_reasons_total", { target })
          .filter((sample) => sample.value > 0)
          .map((sample) => [sample.labels["reason"] ?? "", sample.value]),
      );
    /** A router reports one failure a second, and sweeps spend some of its reports. */
    const reported = (reason: string) =>
      open.until(`a failure is reported as ${reason}`, WITHIN_MS, async () => {
        const { [reason]: count = 0 } = await reasons("open");
        return count > 0;
      });
    const heals = async (fault: Fault) => {
      await fault.heal();
      await open.recovered(BUCKETS, INTERVAL_MS);
    };

    beforeAll(async () => {
      lab = await Lab.build(story(4, { family, hostAccess: ["client"] }));
      await startService(lab, "vip", "tcp", 3306);
      daemon = await Daemon.start(lab, "client", {
        probe: {
          interval: `${INTERVAL_MS}ms`,
          timeout: "1s",
          flow_buckets: BUCKETS,
          rotation: NEVER,
        },
        targets: [
          { name: "open", host, port: 3306, protocol: "tcp" },
          { name: "closed", host, port: 3307, protocol: "tcp", flow_buckets: CLOSED_BUCKETS },
        ],
      });
      open = new Watch(daemon, "open");
      closed = new Watch(daemon, "closed");
      await open.allUp(BUCKETS, 3 * INTERVAL_MS);
    });
    afterAll(() => lab?.destroy());

    it.sequential("refused: a closed port answers with RST, and the destination is the last hop", async () => {
      await closed.until(
        "every flow refused",
        3 * INTERVAL_MS,
        (rows) =>
          rows.length === CLOSED_BUCKETS && rows.every((row) => !row.up && row.failures > 0),
      );
      const hops = new Set(closed.rows.map((row) => row.lastHop));
      expect(hops, closed.report()).toEqual(new Set([host]));
      expect(Object.keys(await reasons("closed")), closed.report()).toEqual(["refused"]);
      expect(await reasons("open"), open.report()).toEqual({});
    });

    it.sequential("prohibited: a router rejects, and it is the last hop", async () => {
      const router = lab.answerAddress("r4", "r1");
      const fault = await reject(lab, "r4");
      await lab.truth("r4").reset();
      await open.probedAgain(2, 4 * INTERVAL_MS);
      await open.until(`flows over r4 fail with last hop ${router}`, WITHIN_MS, (rows) => {
        const failing = rows.filter((row) => !row.up);
        return failing.length > 0 && failing.every((row) => row.lastHop === router);
      });
      const truth = await lab.truth("r4").ports();
      const failing = open.rows.filter((row) => !row.up).map((row) => row.sourcePort);
      // Both targets cross r4 with ports of the same range; what fails must be among them.
      expect(
        failing.filter((port) => !truth.has(port)),
        open.report(),
      ).toEqual([]);
      await reported("prohibited");
      await heals(fault);
    });

    it.sequential("ttl_exceeded: two routers send packets to each other until the TTL expires", async () => {
      const fault = await loop(lab, "r1", "r4");
      await open.probedAgain(1, 4 * INTERVAL_MS);
      expect(
        open.rows.filter((row) => row.up),
        open.report(),
      ).toEqual([]);
      await reported("ttl_exceeded");
      await heals(fault);
    });
  },
);
