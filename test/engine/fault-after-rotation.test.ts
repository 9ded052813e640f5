import { expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

const TARGETS = 12;
const FIRST = "10.0.0.1";
const BROKEN = "10.0.0.3";
const ROUTERS = 8;
/** Long enough for links to be known, not for all paths. */
const LEARNT_MS = 150_000;
const FOUND_WITHIN_S = 40;

const BEHIND_FIRST = `: ${FIRST} to null forward`;

/** Targets that suspect these routers, each once, and those that suspect anything else with no less than a confidence. */
function told(exporter: SimulatedExporter, broken: readonly string[], least = 0) {
  let right = 0;
  const wrong: string[] = [];
  for (const target of exporter.targets) {
    const { suspects } = exporter.engine.pathsOf(target).hysteresis.standing;
    const named = suspects.map(({ from, to, segment, confidence }) => {
      const hit = broken.find((router) => from === router || to === router);
      if (hit === undefined && confidence >= least)
        wrong.push(`${target.target.name}: ${from} to ${to} ${segment}`);
      return hit;
    });
    if (named.length === broken.length && new Set(named).size === broken.length) right += 1;
  }
  return { right, wrong };
}

test("a router that breaks within seconds after a rotation, when no new flow has a known path, is the one suspect of every target", {
  timeout: 120_000,
}, () => {
  const random = seeded(printedSeed("fault after rotation"));
  for (const afterMs of [0, random.between(1, 9) * 1000]) {
    const routers = parallel(ROUTERS, random.between(0, 2 ** 31), true);
    const exporter = new SimulatedExporter(routers, TARGETS);
    exporter.run(LEARNT_MS);
    for (const target of exporter.targets) exporter.engine.prober.rotate(target);
    exporter.run(afterMs);
    routers.faults.set(BROKEN, "drops after");
    for (let second = 1; second <= FOUND_WITHIN_S; second += 1) {
      exporter.run(1000);
      // Until a target knows which of the routers it is, it may say that the fault lies behind the hop before them.
      const wrong = told(exporter, [BROKEN]).wrong.filter((each) => !each.endsWith(BEHIND_FIRST));
      expect(wrong, `${second} s`).toEqual([]);
    }
    // Others say that paths fail, but not where: links to the router were not among those that they had met.
    expect(told(exporter, [BROKEN]).right).toBeGreaterThanOrEqual(TARGETS - 3);
  }
});

test("two routers of eight that break at once are two suspects, not one router behind both", {
  timeout: 120_000,
}, () => {
  const random = seeded(printedSeed("two at once"));
  const routers = parallel(ROUTERS, random.between(0, 2 ** 31), true);
  const exporter = new SimulatedExporter(routers, 2 * TARGETS);
  exporter.run(LEARNT_MS);
  const broken = [BROKEN, "10.0.0.6"];
  for (const router of broken) routers.faults.set(router, "drops after");
  exporter.run(60_000);
  const { right, wrong } = told(exporter, broken);
  console.log(`${right} of ${2 * TARGETS} targets suspect both`);
  expect(wrong).toEqual([]);
  // Of flows that nobody has traced, few of one target may happen to cross the other router. Of 51 drawn networks 50 had 23 or 24 of 24,
  // one 13, in which the others named one of the two.
  expect(right).toBeGreaterThanOrEqual(TARGETS);
});

test("of a router that is dead just after a rotation all targets tell in half a minute what is known: it, or what lies behind the first", {
  timeout: 120_000,
}, () => {
  const random = seeded(printedSeed("dead after rotation"));
  const routers = parallel(ROUTERS, random.between(0, 2 ** 31), true);
  const exporter = new SimulatedExporter(routers, 2 * TARGETS);
  exporter.run(LEARNT_MS);
  for (const target of exporter.targets) exporter.engine.prober.rotate(target);
  routers.faults.set(BROKEN, "drops before");
  for (let second = 1; second <= FOUND_WITHIN_S; second += 1) {
    exporter.run(1000);
    // A target that has met seven of the eight routers before may hold the last that no flow has been seen at since for as likely as one unseen.
    const { wrong } = told(exporter, [BROKEN], 0.5);
    expect(
      wrong.filter((each) => !each.endsWith(BEHIND_FIRST)),
      `${second} s`,
    ).toEqual([]);
  }
  const silent = exporter.targets.filter(
    (target) => exporter.engine.pathsOf(target).hysteresis.standing.suspects.length === 0,
  );
  // The first router gives one answer a second, and is all that answers: one of each target's flows is asked before the second of any.
  expect(silent.length).toBeLessThanOrEqual(2);
});
