import { expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

const TARGETS = 12;
const FIRST = "10.0.0.1";
const BROKEN = "10.0.0.3";
/** A time at which little is known of paths: routers answer once a second. */
const BREAKS_AFTER_MS = 15_000;
const FOUND_WITHIN_S = 60;

test("a router that breaks shortly after the start is the one suspect of every target, and never another", {
  timeout: 120_000,
}, () => {
  const random = seeded(printedSeed("fault after start"));
  const routers = parallel(4, random.between(0, 2 ** 31), true);
  const exporter = new SimulatedExporter(routers, TARGETS);
  const told = () =>
    exporter.targets.map((target) => exporter.engine.pathsOf(target).hysteresis.standing);
  exporter.run(BREAKS_AFTER_MS);
  expect(told().map(({ verdict }) => verdict)).toEqual(Array(TARGETS).fill("healthy"));
  routers.faults.set(BROKEN, "drops after");
  const isFound = () => told().every(({ suspects }) => suspects.length === 1);
  for (let second = 1; second <= FOUND_WITHIN_S && !(second > 15 && isFound()); second += 1) {
    exporter.run(1000);
    for (const { suspects } of told()) {
      for (const { from, to } of suspects) expect([from, to]).toContain(BROKEN);
    }
  }
  const found = told().filter(
    ({ verdict, suspects }) => verdict === "path_fault" && suspects.length === 1,
  );
  expect(found.length).toBeGreaterThanOrEqual(0.95 * TARGETS);
});

test("a router that dies shortly after the start, before its hop was seen, is never told as one beside it", {
  timeout: 120_000,
}, () => {
  const random = seeded(printedSeed("dead after start"));
  const routers = parallel(4, random.between(0, 2 ** 31), true);
  const exporter = new SimulatedExporter(routers, TARGETS);
  const told = () =>
    exporter.targets.map((target) => exporter.engine.pathsOf(target).hysteresis.standing);
  exporter.run(BREAKS_AFTER_MS);
  routers.faults.set(BROKEN, "drops before");
  for (let second = 1; second <= FOUND_WITHIN_S; second += 1) {
    exporter.run(1000);
    for (const { suspects } of told()) {
      for (const { from, to, segment } of suspects) {
        // Its own address was not always seen: it lies behind the first router, wherever that leads.
        expect([
          `${FIRST} ${BROKEN} forward`,
          `${BROKEN} 10.0.1.3 forward`,
          `${FIRST} null forward`,
        ]).toContain(`${from} ${to} ${segment}`);
      }
    }
  }
  expect(told().map(({ verdict }) => verdict)).toEqual(Array(TARGETS).fill("path_fault"));
});
