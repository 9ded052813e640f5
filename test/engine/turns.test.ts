import { expect, test } from "vitest";
import { ENGINE_TURN_MS } from "../../src/engine/turn-pause.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

/** Turns a second of a loop that is never let wait. */
const MOST = 1000 / ENGINE_TURN_MS;

test("turns are rare where little is sent, and half as often as can be where more is", () => {
  const one = new SimulatedExporter(parallel(4, 7, true), 1);
  one.run(100);
  expect(one.run(10_000)).toBeLessThan(0.3 * 10 * MOST);
  const many = new SimulatedExporter(parallel(4, 7, true), 40);
  many.run(100);
  expect(many.run(500)).toBe(MOST / 4);
});

test("turns are as often as can be while a failing flow is swept, whatever is sent", () => {
  const routers = parallel(4, 7, true);
  const exporter = new SimulatedExporter(routers, 1);
  exporter.run(60_000);
  const rare = exporter.run(10_000);
  for (const hop of ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]) {
    routers.faults.set(hop, "drops after");
  }
  expect(exporter.run(10_000)).toBeGreaterThan(2 * rare);
});
