//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip (192.0.2.10: 3306 open, 3307 closed, TCP)
//                ├─ r4 ─┤
//                └─ r5 ─┘
// The story told by connections of the kernel's: failing ports are the truth, and nothing is left behind.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, type ExpectStatic, inject, it } from "vitest";
import { Daemon, NEVER } from "./daemon.ts";
import { dropForward } from "./faults.ts";
import { Lab } from "./lab.ts";
import { packageRoot, startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";
import { Watch } from "./watch.ts";

const BUCKETS = 24;
const INTERVAL_MS = 3000;
const WITHIN_MS = 60_000;
/** The user nobody without any capability; where that one may not enter the checkout, root without raw sockets. */
function unprivileged(): string[] {
  const user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const nobody = ["setpriv", ...user, "--bounding-set=-all", "--inh-caps=-all"];
  const readable = ["test", "-x", process.execPath, "-a", "-r", join(packageRoot(), "dist/cli.js")];
  const [command = "", ...args] = [...nobody, ...readable];
  return spawnSync(command, args).status === 0
    ? nobody
    : ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"];
}

/** Runs a test in a network of its own. */
async function inLab(test: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await Lab.build(story(4, { hostAccess: ["client"] }));
  try {
    await startService(lab, "vip", "tcp", 3306);
    await test(lab);
  } finally {
    await lab.destroy();
  }
}

/** Sockets of the story in a node, in the states that a probe must not leave: a line each. */
async function leftovers(lab: Lab, node: string): Promise<string[]> {
  const states = ["time-wait", "syn-recv", "fin-wait-1", "fin-wait-2", "close-wait", "last-ack"];
  const listing = await lab.exec(node, [
    "ss",
    "-Htan",
    ...states.flatMap((state) => ["state", state]),
    `( sport = :3306 or dport = :3306 )`,
  ]);
  return listing.split("\n").filter((line) => line !== "");
}

describe.skipIf(inject("labMissing") !== "").concurrent("targets probed by connections", () => {
  it("beside raw ones: the ports that fail are those of the broken router, traced, and nothing stays", ({
    expect,
  }) =>
    inLab(async (lab) => {
      await startService(lab, "vip", "tcp", 3308);
      const targets = [
        { name: "connect", host: VIP, port: 3306, method: "connect" },
        { name: "refused", host: VIP, port: 3307, method: "connect", flow_buckets: 2 },
        { name: "raw", host: VIP, port: 3308, flow_buckets: 8 },
      ];
      const daemon = await Daemon.start(lab, "client", config({ targets }));
      const watch = new Watch(daemon, "connect");
      await watch.allUp(BUCKETS, WITHIN_MS);
      await new Watch(daemon, "raw").allUp(8, WITHIN_MS);
      await expectStory(expect, lab, watch, lab.answerAddress("r4", "r1"));

      const metrics = await daemon.metrics();
      expect(metrics.value("ecmp_exporter_raw_sockets")).toBe(1);
      const reasons = { target: "refused", reason: "refused" };
      expect(metrics.value("ecmp_probe_failure_reasons_total", reasons)).toBeGreaterThan(0);
      const hops = metrics.series("ecmp_flow_up", { target: "refused" });
      expect(hops.map(({ labels }) => labels["last_hop"])).toEqual([VIP, VIP]);
      // What the kernel's own connections get is not taken for forged.
      for (const reason of ["wrong_quote", "wrong_acknowledgement"]) {
        expect(metrics.sum("ecmp_exporter_packets_ignored_total", { reason })).toBe(0);
      }
      await daemon.stop();
      expect(await leftovers(lab, "client")).toEqual([]);
      expect(await leftovers(lab, "vip")).toEqual([]);
      // An ordinary connection does leave something, and it would be seen.
      const ordinary = `require("node:net").connect(3306, "${VIP}").resume()`;
      await lab.exec("client", [process.execPath, "-e", ordinary]);
      expect([...(await leftovers(lab, "client")), ...(await leftovers(lab, "vip"))]).not.toEqual(
        [],
      );
    }));

  it("by a user without privileges: the same ports, and last hops that are not known", ({
    expect,
  }) =>
    inLab(async (lab) => {
      const targets = [
        { name: "story", host: VIP, port: 3306 },
        { name: "ping", host: VIP, protocol: "icmp" },
      ];
      const auto = config({ targets, raw_sockets: "auto" });
      const daemon = await Daemon.start(lab, "client", auto, [], unprivileged());
      const watch = new Watch(daemon, "story");
      await watch.allUp(BUCKETS, WITHIN_MS);
      expect(daemon.process.stderr).toContain("TCP uses connect()");
      await expectStory(expect, lab, watch, "unknown");

      const metrics = await daemon.metrics();
      expect(metrics.value("ecmp_exporter_raw_sockets")).toBe(0);
      expect(metrics.sum("ecmp_probes_total", { target: "ping" })).toBe(0);
      expect(metrics.sum("ecmp_trace_packets_total")).toBe(0);
      // Every probe has its path, though an unknown one.
      expect(metrics.sum("ecmp_path_probes_total", { path: "unknown" })).toBe(
        metrics.sum("ecmp_probes_total", { target: "story" }),
      );
      const { error } = (await daemon.target("ping")) as { error: string };
      expect(error).toContain("icmp needs raw sockets");
      expect(await daemon.target("story")).toMatchObject({ method: "connect", error: null });
      const status = await fetch(`${daemon.url}/api/v1/status`);
      expect(await status.json()).toMatchObject({ raw_sockets: false });

      // A host without a route has no failures to tell of, though the kernel's words are those of a router.
      const failures = metrics.sum("ecmp_probe_failures_total");
      await lab.exec("client", ["ip", "route", "replace", "unreachable", `${VIP}/32`]);
      await watch.until("probes are not sent", WITHIN_MS, (_, now) => {
        const unsent = { target: "story", reason: "send_error" };
        return now.value("ecmp_probes_invalid_total", unsent) >= BUCKETS;
      });
      expect((await daemon.metrics()).sum("ecmp_probe_failures_total")).toBe(failures);
      await daemon.stop();
      expect(await leftovers(lab, "client")).toEqual([]);
      expect(await leftovers(lab, "vip")).toEqual([]);
    }));
});

function config(changes: { targets: Record<string, unknown>[]; raw_sockets?: string }) {
  const probe = {
    interval: `${INTERVAL_MS}ms`,
    timeout: "1s",
    flow_buckets: BUCKETS,
    rotation: NEVER,
  };
  return { probe, ...changes };
}

/** Breaks r4, waits until exactly its flows fail, with this last hop, and heals it. */
async function expectStory(
  expect: ExpectStatic,
  lab: Lab,
  watch: Watch,
  lastHop: string,
): Promise<void> {
  const own = new Set(watch.rows.map((row) => row.sourcePort));
  const fault = await dropForward(lab, "r4");
  const truth = lab.truth("r4");
  await truth.reset();
  await watch.probedAgain(2, WITHIN_MS);
  await watch.until("the flows of r4 fail, and no others", WITHIN_MS, async (rows) => {
    const failing = rows.filter((row) => !row.up);
    const crossing = [...(await truth.ports())].filter((port) => own.has(port));
    return (
      failing.length === crossing.length &&
      failing.every((row) => crossing.includes(row.sourcePort) && row.lastHop === lastHop)
    );
  });
  const failing = watch.rows.filter((row) => !row.up).length;
  expect(failing, watch.report()).toBeGreaterThan(0);
  expect(failing, watch.report()).toBeLessThan(BUCKETS);
  await fault.heal();
  await watch.recovered(BUCKETS, INTERVAL_MS);
}
