//                ┌─ a1 ─┬─ b1 ─┐
//  client ── r1 ─┼─ …   ╳   …  ┼─ r2 ── vip (192.0.2.10:20000-20199, TCP)
//                └─ a4 ─┴─ b4 ─┘
// 199 of 200 targets fail at once, while routes change every few seconds. The kernel counts what leaves each second: no budget may
// be exceeded in any of them. What does not fit is skipped and counted, and every verdict is right.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { Daemon, NEVER } from "../lab/daemon.ts";
import * as faults from "../lab/faults.ts";
import { Lab } from "../lab/lab.ts";
import { pause, until } from "../lab/processes.ts";
import { startService } from "../lab/services.ts";
import { twoStage, VIP } from "../lab/topologies.ts";

const TARGETS = 200;
const FIRST_PORT = 20_000;
const LAST_PORT = FIRST_PORT + TARGETS - 1;
const SERVICE_PORT = 3306;
const BUCKETS = 8;
/** Packets a second: of everything, of traces, towards one hop. The probes alone would take 320. */
const ALL = 300;
const TRACES = 50;
const HOP = 10;
const SERIES = 20_000;
const LAST_HOPS = 8;
/** What the API keeps of what changed. */
const EVENTS = 1000;
const STORM_MS = 60_000;
const TABLE = "ecl_storm";

describe.skipIf(inject("labMissing") !== "")("a storm", () => {
  it("keeps every budget in every second, counts what it skips, and tells the right targets", async () => {
    const lab = await Lab.build(twoStage(4, 4, { hostAccess: ["client"] }));
    try {
      await startService(lab, "vip", "tcp", SERVICE_PORT);
      await lab.nft(
        "vip",
        `table ip services { chain in { type nat hook prerouting priority dstnat;
          tcp dport ${FIRST_PORT}-${LAST_PORT} dnat to ${VIP}:${SERVICE_PORT}; }
        }\n`,
      );
      // Traces have TTLs below 32, probes 64.
      await lab.nft(
        "client",
        `table ip ${TABLE} { counter everything {}
          counter traces {}
          counter first {}
          chain out { type filter hook output priority -300;
            ip daddr ${VIP} counter name everything
            ip daddr ${VIP} ip ttl < 32 counter name traces
            ip daddr ${VIP} ip ttl 1 counter name first; }
        }\n`,
      );
      const daemon = await Daemon.start(lab, "client", {
        probe: { interval: "5s", timeout: "300ms", flow_buckets: BUCKETS, rotation: NEVER },
        trace: { survey: NEVER, packets_per_second: TRACES, hop_packets_per_second: HOP },
        limits: { packets_per_second: ALL, series: SERIES, last_hops_per_target: LAST_HOPS },
        targets: Array.from({ length: TARGETS }, (_, i) => ({
          name: `t${i}`,
          host: VIP,
          port: FIRST_PORT + i,
          protocol: "tcp",
        })),
      });
      try {
        await until(
          async () => (await daemon.metrics()).sum("ecmp_flow_up") > (TARGETS * BUCKETS) / 2,
          { limitMs: 60_000, what: "most flows are up" },
        );
        const fault = await faults.rule(
          lab,
          "r2",
          "forward priority 0",
          `ip daddr ${VIP} tcp dport ${FIRST_PORT + 1}-${LAST_PORT} drop`,
        );
        const most = { everything: 0, traces: 0, first: 0 };
        let before = await counted(lab);
        const end = performance.now() + STORM_MS;
        for (let second = 0; performance.now() < end; second += 1) {
          await pause(1000);
          if (second % 5 === 0) await lab.reroute(second % 10 === 0 ? ["a1", "b2"] : []);
          const now = await counted(lab);
          const seconds = (now.at - before.at) / 1000;
          for (const name of ["everything", "traces", "first"] as const) {
            most[name] = Math.max(most[name], (now[name] - before[name]) / seconds);
          }
          before = now;
        }
        const metrics = await daemon.metrics();
        const skipped = metrics.sum("ecmp_exporter_probes_skipped_total", { reason: "budget" });
        const series = metrics.value("ecmp_exporter_series");
        const lastHops = Math.max(
          ...Array.from(
            { length: TARGETS },
            (_, i) =>
              new Set(
                metrics
                  .series("ecmp_last_hop_probes_total", { target: `t${i}` })
                  .map(({ labels }) => labels["last_hop"]),
              ).size,
          ),
        );
        const verdicts = await Promise.all(
          Array.from({ length: TARGETS }, async (_, i) => {
            const { verdict } = (await daemon.target(`t${i}`)) as { readonly verdict: string };
            return verdict;
          }),
        );
        const response = await fetch(`${daemon.url}/api/v1/events?since=0`);
        const { events } = (await response.json()) as { readonly events: readonly unknown[] };
        const told = `${JSON.stringify(most)} packets in the worst second; ${skipped} skipped, ${series} series, ${lastHops} last hops, ${events.length} events kept; verdicts ${[...new Set(verdicts)].join(", ")}`;
        console.log(told);
        assert.ok(most.everything <= ALL + 1, told);
        assert.ok(most.traces <= TRACES + 1, told);
        // All go by the one router at the first hop.
        assert.ok(most.first <= HOP + 1, told);
        assert.ok(skipped > 0, told);
        assert.ok(series <= SERIES, told);
        // One more for what is told as `other`, and those that are no addresses.
        assert.ok(lastHops <= LAST_HOPS + 3, told);
        // 199 targets have changed, and no more is kept than there is room for.
        assert.ok(events.length >= TARGETS - 1 && events.length <= EVENTS, told);
        assert.equal(verdicts[0], "healthy", told);
        assert.ok(!verdicts.slice(1).includes("healthy"), told);
        await fault.heal();
      } finally {
        await daemon.stop();
      }
    } finally {
      await lab.destroy();
    }
  });
});

/** The kernel's counters, and when they were read: before reading, so that a slow reading makes a second no shorter. */
async function counted(lab: Lab) {
  const text = await lab.exec("client", ["nft", "list", "counters", "table", "ip", TABLE]);
  const of = (name: string) =>
    Number(new RegExp(`counter ${name} \\{\\s*packets (\\d+)`).exec(text)?.[1]);
  return {
    at: performance.now(),
    everything: of("everything"),
    traces: of("traces"),
    first: of("first"),
  };
}
