import { expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

const TARGETS = 10;
/** By then the paths of most flows are known. */
const LEARNT_AFTER_MS = 60_000;
/** Longer than a flow waits for a trace. */
const FAILING_FOR_MS = 80_000;

test("failures that wait in vain for a trace of their flow have the path unknown as soon as the last hop unknown", {
  timeout: 120_000,
}, () => {
  const routers = parallel(4, 12_345, true);
  const exporter = new SimulatedExporter(routers, TARGETS);
  const waiting = { hop: 0, path: 0 };
  const failed: Map<ProbedFlow, number> = new Map();
  let unknownPaths = 0;
  exporter.engine.observe({
    onOutcome(flow, { kind }) {
      if (kind !== "failed") return;
      failed.set(flow, (failed.get(flow) ?? 0) + 1);
      waiting.hop += 1;
      waiting.path += 1;
    },
    onLastHop(_flow, _hop, _probes, failures) {
      waiting.hop -= failures;
    },
    onPath(_flow, path, _probes, failures) {
      waiting.path -= failures;
      if (path === undefined) unknownPaths += failures;
    },
  });
  exporter.run(LEARNT_AFTER_MS);
  for (const target of exporter.targets) exporter.engine.prober.rotate(target);
  exporter.run(10_000);
  routers.faults.set("10.0.0.3", "drops after");
  exporter.run(FAILING_FOR_MS);
  expect(failed.size).toBeGreaterThan(100);
  expect(unknownPaths).toBeGreaterThan(0);
  expect(waiting.path).toBe(waiting.hop);
});
