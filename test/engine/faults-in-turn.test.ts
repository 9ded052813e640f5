import { expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

const ROUTERS = 6;
const FIRST = "10.0.0.2";
const SECOND = "10.0.0.4";
const LEARNT_MS = 90_000;

/** An exporter that knows the paths of one target, the first router of which has been dead for half a minute. */
function afterFirst(name: string) {
  const routers = parallel(ROUTERS, seeded(printedSeed(name)).between(0, 2 ** 31), true);
  const exporter = new SimulatedExporter(routers, 1);
  exporter.run(LEARNT_MS);
  routers.faults.set(FIRST, "drops after");
  exporter.run(30_000);
  const [target] = exporter.targets;
  if (target === undefined) throw new Error("no target");
  /** The routers that are suspected, each by the address that it was given. */
  const told = (): string[] =>
    exporter.engine
      .pathsOf(target)
      .hysteresis.standing.suspects.map(({ from, to, name }) =>
        [FIRST, SECOND].includes(from ?? "") ? String(from) : (to ?? name),
      );
  expect(told()).toEqual([FIRST]);
  return { routers, exporter, told };
}

/** Seconds until exactly these are told. */
function secondsUntil(
  { exporter, told }: Pick<ReturnType<typeof afterFirst>, "exporter" | "told">,
  wanted: readonly string[],
): number {
  for (let second = 1; second <= 60; second += 1) {
    exporter.run(1000);
    if (told().sort().join() === wanted.join()) return second;
  }
  throw new Error(`told after a minute: ${told()}`);
}

test("a router that breaks half a minute after another is told beside it", () => {
  const rig = afterFirst("second fault");
  rig.routers.faults.set(SECOND, "drops after");
  expect(secondsUntil(rig, [FIRST, SECOND])).toBeLessThanOrEqual(25);
});

test("of two broken routers the one that works again is suspected no longer than its flows need to come back", () => {
  const rig = afterFirst("one of two heals");
  rig.routers.faults.set(SECOND, "drops after");
  secondsUntil(rig, [FIRST, SECOND]);
  rig.exporter.run(20_000);
  rig.routers.faults.delete(FIRST);
  expect(secondsUntil(rig, [SECOND])).toBeLessThanOrEqual(20);
});

test("where a router breaks at the moment at which another is mended, the new one is told and the old one no longer", () => {
  const rig = afterFirst("moved fault");
  rig.routers.faults.delete(FIRST);
  rig.routers.faults.set(SECOND, "drops after");
  expect(secondsUntil(rig, [SECOND])).toBeLessThanOrEqual(20);
});
