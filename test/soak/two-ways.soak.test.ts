// Drawn networks with ways back, in simulated time: what is broken takes answers with it, or nothing but answers. TWO_WAYS_SEED draws others,
// TWO_WAYS_EACH as many of each kind, TWO_WAYS_LEARN_S how long the exporter has run before (60).
import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { TWO_WAY_FAULTS, type TwoWayFaultName } from "../support/two-way-case.ts";
import { type TwoWayTally, watchTwoWay } from "../support/two-way-watch.ts";

const SEED = Number(process.env["TWO_WAYS_SEED"] ?? 8001);
const EACH = Number(process.env["TWO_WAYS_EACH"] ?? 10);
const LEARN_MS = 1000 * Number(process.env["TWO_WAYS_LEARN_S"] ?? 60);
const SECONDS = 60;

/**
 * Of the last twenty looks so many have to be right, and of all no more may accuse somebody innocent with 0.9 and more: where packets die on
 * the way there; where answers alone do, of few flows often; where a part is lost.
 */
const LEVELS: readonly [RegExp, right: number, sure: number][] = [
  [/loses/, 0.15, 0.35],
  [/back/, 0.3, 0.3],
  [/./, 0.7, 0.2],
];

function watched(fault: TwoWayFaultName): TwoWayTally[] {
  const tallies: TwoWayTally[] = [];
  for (let n = 0; n < EACH; n += 1) {
    const plan = {
      seed: SEED + 7919 * n,
      fault,
      learnMs: LEARN_MS,
      targets: 1 + (n % 2),
      seconds: SECONDS,
    };
    tallies.push(...watchTwoWay(plan));
  }
  return tallies;
}

describe.each(TWO_WAY_FAULTS.filter((name) => name !== "none"))("%s", (fault) => {
  it("is told where it is", () => {
    const all = watched(fault).filter(({ hit }) => hit > 0 || fault === "destination loses");
    const mean = (of: (tally: TwoWayTally) => number): number =>
      all.reduce((sum, tally) => sum + of(tally), 0) / Math.max(1, all.length);
    const right = mean(({ rightAtLast }) => rightAtLast / 20);
    const sure = mean((tally) => tally.sure / SECONDS);
    const firsts = all.flatMap(({ first }) => first ?? []).sort((a, b) => a - b);
    console.log(
      `${fault}: ${all.length} targets, first right after ${firsts[firsts.length >> 1]} s (median), never ${all.length - firsts.length}; ` +
        `right in ${(100 * mean((tally) => tally.right / SECONDS)).toFixed(1)} % of all looks and ${(100 * right).toFixed(1)} % of the last; ` +
        `somebody innocent in ${(100 * mean(({ wrong }) => wrong / SECONDS)).toFixed(1)} %, with 0.9 and more in ${(100 * sure).toFixed(1)} %`,
    );
    for (const { text, rightAtLast, named } of all)
      if (rightAtLast < 10)
        console.log(`  ${text}: ${[...named].map(([name, n]) => `${name} ${n}`).join(", ")}`);
    const [, least = 1, most = 0] = LEVELS.find(([name]) => name.test(fault)) ?? [];
    assert.ok(right >= least, `right ${right}`);
    assert.ok(sure <= most, `sure ${sure}`);
  });
});

describe("nothing broken", () => {
  it("accuses nobody", () => {
    for (const { text, wrong } of watched("none")) assert.equal(wrong, 0, text);
  });
});
