//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r6 ── vip (192.0.2.10:20000-20999, TCP)
//                └─ r5 ─┘
// A thousand targets, reloaded a hundred times: each time a tenth is missing, a tenth comes with other labels, the others
// stay. Nothing of those is lost, no probe of theirs fails, and neither memory nor descriptors grow.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, inject, it } from "vitest";
import { Daemon } from "../lab/daemon.ts";
import { Lab } from "../lab/lab.ts";
import type { Metrics } from "../lab/metrics.ts";
import { pause } from "../lab/processes.ts";
import { startService } from "../lab/services.ts";
import { story, VIP } from "../lab/topologies.ts";

const TARGETS = 1000;
const RELOADS = 100;
const PART = TARGETS / 10;
const BUCKETS = 8;
const FIRST_PORT = 20_000;
const SERVICE_PORT = 3306;
/** Of these nothing ever changes. */
const STEADY = TARGETS / 2;
const BETWEEN_MS = 1000;
/** What memory may grow by between the first third of the reloads and the last. */
const MOST_GROWTH = 1.2;

/** The configuration of one reload: which targets are missing and which have another label moves on with each. */
function config(reload: number) {
  const part = (index: number) => Math.floor((index - STEADY) / PART);
  const parts = (TARGETS - STEADY) / PART;
  const targets = Array.from({ length: TARGETS }, (_, index) => ({
    name: `${index < STEADY ? "steady" : "changing"}-${index}`,
    host: VIP,
    port: FIRST_PORT + index,
    protocol: "tcp",
    labels: { team: part(index) === (reload + 1) % parts ? `team-${reload}` : "one" },
  }));
  return {
    probe: { interval: "10s", timeout: "1s", flow_buckets: BUCKETS },
    targets: targets.filter((_, index) => index < STEADY || part(index) !== reload % parts),
  };
}

function steadySum(metrics: Metrics, family: string): number {
  return metrics
    .series(family)
    .filter(({ labels }) => labels["target"]?.startsWith("steady-"))
    .reduce((sum, { value }) => sum + value, 0);
}

describe.skipIf(inject("labMissing") !== "")("a thousand targets", () => {
  it("are reloaded a hundred times, and what stays loses nothing", async () => {
    const lab = await Lab.build(story(4, { hostAccess: ["client"] }));
    try {
      await startService(lab, "vip", "tcp", SERVICE_PORT);
      const ports = `${FIRST_PORT}-${FIRST_PORT + TARGETS - 1}`;
      const rule = `tcp dport ${ports} dnat to ${VIP}:${SERVICE_PORT};`;
      const chain = `chain in { type nat hook prerouting priority dstnat; ${rule} }`;
      await lab.nft("vip", `table ip services {\n  ${chain}\n}\n`);
      const daemon = await Daemon.start(lab, "client", config(0));
      try {
        const took: number[] = [];
        const memory: number[] = [];
        const descriptors: number[] = [];
        let probes = 0;
        for (let reload = 1; reload <= RELOADS; reload += 1) {
          const start = performance.now();
          await daemon.reload(config(reload));
          took.push(performance.now() - start);
          await pause(BETWEEN_MS);
          const metrics = await daemon.metrics();
          memory.push(metrics.value("process_resident_memory_bytes"));
          descriptors.push(readdirSync(`/proc/${daemon.process.pid}/fd`).length);
          const now = steadySum(metrics, "ecmp_probes_total");
          assert.ok(now >= probes, `reload ${reload}: ${now} probes after ${probes}`);
          probes = now;
          assert.equal(metrics.value("ecmp_exporter_config_last_reload_successful"), 1);
          assert.equal(metrics.series("ecmp_target_info").length, TARGETS - PART);
        }
        const metrics = await daemon.metrics();
        const failed = steadySum(metrics, "ecmp_probe_failures_total");
        const invalid = steadySum(metrics, "ecmp_probes_invalid_total");
        const third = Math.floor(RELOADS / 3);
        const early = Math.max(...memory.slice(0, third));
        const late = Math.max(...memory.slice(-third));
        const sorted = took.toSorted((a, b) => a - b);
        console.log(
          `${RELOADS} reloads of ${TARGETS} targets: median ${sorted[RELOADS / 2]?.toFixed(0)} ms, longest ` +
            `${sorted.at(-1)?.toFixed(0)} ms; ${probes} probes of steady targets, ${failed} failed, ${invalid} invalid; ` +
            `at most ${(early / 2 ** 20).toFixed(0)} MiB in the first third, ${(late / 2 ** 20).toFixed(0)} in the last; ` +
            `descriptors ${Math.min(...descriptors)} to ${Math.max(...descriptors)}`,
        );
        assert.equal(failed, 0, daemon.process.stderr);
        assert.ok(late < MOST_GROWTH * early, `memory grew from ${early} to ${late} bytes`);
        assert.ok(
          Math.max(...descriptors.slice(-third)) <= Math.max(...descriptors.slice(0, third)) + 5,
        );
      } finally {
        assert.equal(await daemon.stop(), 0, daemon.process.stderr);
      }
    } finally {
      await lab.destroy();
    }
  });
});
