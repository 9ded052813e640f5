//                ┌─ a1 ─┬─ b1 ─┐
//  client ── r1 ─┼─ a2 ─╳─ b2 ─┼─ r2 ── vip (192.0.2.10:3306, TCP)
//                └─ a3 ─┴─ …  ─┘
// What the exporter says of paths, against what the routers saw: 3 × 4 paths, stock ICMP limits; then ways of unequal
// length, and a router that balances by packet. The soak has a router that never answers.
import { describe, expect, inject, it } from "vitest";
import { dropForward } from "./faults.ts";
import type { TargetView } from "./findings.ts";
import { GroundTruth } from "./ground-truth.ts";
import type { Metrics } from "./metrics.ts";
import { BUCKETS, inLab, namedPaths } from "./path-labs.ts";
import { allPaths } from "./routes.ts";
import { spray } from "./spray.ts";
import { story, twoStage, unequalLengths, VIP } from "./topologies.ts";

/** Flows and hops on the way, the destination included: what a full traceroute of each flow would send. */
const FULL_TRACEROUTES = BUCKETS * 5;
const KNOWN_WITHIN_MS = 120_000;

/** Bucket and routers of every flow, as reported and as the truth sets have them. */
function compare(view: TargetView, truth: GroundTruth): { told: string[]; true: string[] } {
  const paths = namedPaths(view, truth);
  const told = view.flows.map(({ bucket, path }) => {
    const routers = (paths.get(path ?? "") ?? []).filter((name) => name !== "vip");
    return `${bucket}: ${routers.sort().join(" ")}`;
  });
  const real = view.flows.map((f) => `${f.bucket}: ${truth.crossedBy(f.source_port).join(" ")}`);
  return { told, true: real };
}

/** Probes or failures by path, by first link and by last link, each in all: every probe crosses one of each. */
function sums(metrics: Metrics, what: "probes" | "probe_failures"): Record<string, number> {
  const links = `ecmp_link_${what}_total`;
  return {
    flows: metrics.sum(`ecmp_${what}_total`),
    paths: metrics.sum(`ecmp_path_${what}_total`),
    firstLinks: metrics.sum(links, { hop_from: "source" }),
    lastLinks: metrics.sum(links, { hop_to: VIP }),
  };
}

function allEqual(counts: Readonly<Record<string, number>>): boolean {
  return new Set(Object.values(counts)).size === 1;
}

describe.skipIf(inject("labMissing") !== "").concurrent("the paths of a target", () => {
  it("are all known within two minutes, are true, count every probe, and keep their names", async () => {
    const topology = twoStage(3, 4, { hostAccess: ["client"] });
    await inLab(
      topology,
      async () => undefined,
      async (lab, start) => {
        const [daemon, findings] = await start();
        const { view } = await findings.learnt(BUCKETS, KNOWN_WITHIN_MS);
        const survey = (await daemon.metrics()).value("ecmp_trace_packets_total", {
          purpose: "survey",
        });
        const truth = await GroundTruth.read(lab, "client");
        const real = allPaths(topology, "client", "vip").map((path) => path.slice(1).join(" "));
        const told = [...namedPaths(view, truth).values()].map((path) => path.join(" "));
        expect(told.sort(), findings.report()).toEqual(real.sort());
        const flows = compare(view, truth);
        expect(flows.told).toEqual(flows.true);
        expect(view.coverage.paths).toBe(12);
        expect(survey).toBeLessThan(FULL_TRACEROUTES);
        console.log(
          `12 paths known; ${survey} survey packets, full traceroutes ${FULL_TRACEROUTES}`,
        );

        // Counters of flows, paths and links agree while all is well and while a router is broken.
        const healthy = await daemon.metrics();
        expect(sums(healthy, "probes")).toSatisfy(allEqual);
        const fault = await dropForward(lab, "b2");
        const wanted = view.flows.filter((f) => truth.crossedBy(f.source_port).includes("b2"));
        await findings.until("the flows of b2 fail", 30_000, ({ flows: now }) =>
          wanted.every(({ bucket }) => now[bucket]?.state === "failing"),
        );
        const broken = await daemon.metrics();
        expect(sums(broken, "probes")).toSatisfy(allEqual);
        expect(sums(broken, "probe_failures")).toSatisfy(allEqual);
        expect(broken.sum("ecmp_link_probe_failures_total", { hop_from: lab.address("b2") })).toBe(
          broken.sum("ecmp_probe_failures_total"),
        );
        await fault.heal();

        const ids = new Map(view.flows.map(({ bucket, path }) => [bucket, path]));
        expect(await daemon.stop()).toBe(0);
        const [again, found] = await start();
        const { view: after } = await found.learnt(BUCKETS, KNOWN_WITHIN_MS);
        expect(new Map(after.flows.map(({ bucket, path }) => [bucket, path]))).toEqual(ids);
        await again.stop();
      },
    );
  });

  it("may differ in length", async () => {
    const topology = unequalLengths({ hostAccess: ["client"] });
    await inLab(
      topology,
      async () => undefined,
      async (lab, start) => {
        const [daemon, findings] = await start();
        const { view } = await findings.learnt(BUCKETS, KNOWN_WITHIN_MS);
        const truth = await GroundTruth.read(lab, "client");
        const told = [...namedPaths(view, truth).values()].map((path) => path.join(" "));
        expect(told.sort(), findings.report()).toEqual(["r1 a1 r2 vip", "r1 b1 b2 b3 r2 vip"]);
        const flows = compare(view, truth);
        expect(flows.told).toEqual(flows.true);
        await daemon.stop();
      },
    );
  });

  it("are not invented where a router balances by packet", async () => {
    const topology = story(4, { hostAccess: ["client"] });
    await inLab(
      topology,
      (lab) => spray(lab, "r1"),
      async (lab, start) => {
        const [daemon, findings] = await start();
        const { view } = await findings.until(
          "balancing by packet is recognised",
          KNOWN_WITHIN_MS,
          ({ flows, coverage }) =>
            flows.every(({ path }) => path !== null) && coverage.per_packet_ttls.length > 0,
        );
        expect(view.coverage.per_packet_ttls, findings.report()).toEqual([2]);
        const truth = await GroundTruth.read(lab, "client");
        const told = [...namedPaths(view, truth).values()];
        expect(told).toEqual([["r1", null, "r6", "vip"]]);
        expect(view.verdict).toBe("healthy");
        await daemon.stop();
      },
    );
  });
});
