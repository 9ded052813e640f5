//                ┌─ a1 ─┬─ b1 ─┐
//  client ── r1 ─┼─ a2 ─╳─ b2 ─┼─ r2 ── vip (192.0.2.10:3306, TCP)
//                └─ a3 ─┴─ …  ─┘
// 3 × 4 paths, stock ICMP limits; a2 and b3 never answer. It takes two minutes to tell that from a rate limit.
import { describe, expect, inject, it } from "vitest";
import { silence } from "../lab/faults.ts";
import { GroundTruth } from "../lab/ground-truth.ts";
import { BUCKETS, inLab, namedPaths } from "../lab/path-labs.ts";
import { allPaths } from "../lab/routes.ts";
import { twoStage } from "../lab/topologies.ts";

/** Silence takes longer to be sure of than an answer: it must be told from a rate limit. */
const SILENCE_WITHIN_MS = 210_000;

describe("the paths of a target", () => {
  it.skipIf(inject("labMissing") !== "")("keep the place of a hop that never answers", async () => {
    const topology = twoStage(3, 4, { hostAccess: ["client"] });
    await inLab(
      topology,
      (lab) => Promise.all(["a2", "b3"].map((router) => silence(lab, router))),
      async (lab, start) => {
        const [daemon, findings] = await start();
        const { view } = await findings.learnt(BUCKETS, SILENCE_WITHIN_MS);
        const truth = await GroundTruth.read(lab, "client");
        const silent = new Set(["a2", "b3"]);
        const shown = (path: readonly string[]) =>
          path.map((name) => (silent.has(name) ? "*" : name)).join(" ");
        const real = allPaths(topology, "client", "vip").map((path) => shown(path.slice(1)));
        const told = [...namedPaths(view, truth).values()].map((path) =>
          path.map((name) => name ?? "*").join(" "),
        );
        expect(told.sort(), findings.report()).toEqual(real.sort());
        const paths = namedPaths(view, truth);
        const flows = view.flows.map(({ bucket, path }) => [bucket, paths.get(path ?? "")]);
        const crossed = view.flows.map(({ bucket, source_port }) => {
          const [a, b] = truth.crossedBy(source_port);
          const at = (name = "") => (silent.has(name) ? null : name);
          return [bucket, ["r1", at(a), at(b), "r2", "vip"]];
        });
        expect(flows).toEqual(crossed);
        await daemon.stop();
      },
    );
  });
});
