import { expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

/** A quarter of the default ten minutes between two rotations. */
const SPREAD_MS = 150_000;

/** Share of the active flows of all targets whose path is known. */
function knownOf({ targets, engine }: SimulatedExporter): number {
  let [known, flows] = [0, 0];
  for (const target of targets) {
    const { topology } = engine.pathsOf(target);
    for (const flow of target.flows) {
      if (flow === undefined) continue;
      flows += 1;
      if (topology.of(flow)?.path !== undefined) known += 1;
    }
  }
  return known / flows;
}

test("the paths of most flows are known throughout a rotation whose flows move on one after the other", {
  timeout: 120_000,
}, () => {
  const routers = parallel(8, seeded(printedSeed("through a rotation")).between(0, 2 ** 31));
  const exporter = new SimulatedExporter(routers, 12);
  exporter.run(150_000);
  const before = knownOf(exporter);
  expect(before).toBeGreaterThan(0.85);
  const ports = exporter.targets.map(({ flows }) => flows.map((flow) => flow?.sourcePort));
  for (const target of exporter.targets) exporter.engine.prober.rotate(target, SPREAD_MS);
  for (let second = 0; second < SPREAD_MS / 1000 + 15; second += 1) {
    exporter.run(1000);
    expect(knownOf(exporter), `${second} s`).toBeGreaterThan(before - 0.2);
  }
  exporter.targets.forEach(({ flows }, index) => {
    flows.forEach((flow, bucket) => {
      expect(flow?.sourcePort).not.toBe(ports[index]?.[bucket]);
    });
  });
});
