// Networks with oddities, drawn of a fixed seed (ODD_SEED draws others), in simulated time: real engine, tracer and verdicts, no sockets.
import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { drawOddCase, ODDITIES, type OddFaultName, type OddityName } from "../support/odd-case.ts";
import { judgeOdd } from "../support/odd-judge.ts";
import { seeded } from "../support/random.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";

const TARGET = "198.51.100.1";
const SEED = Number(process.env["ODD_SEED"] ?? 11);
const LEARNS_MS = 90_000;
const WATCHES_S = 60;
/** What is said with so much confidence has to be right. */
const SURE = 0.95;

/** Breaks a network and looks once a second: sure suspects that are innocent, each once, and what is told in the end. */
function watched(faultName: OddFaultName, oddity: OddityName) {
  const drawn = drawOddCase(seeded(SEED), TARGET, faultName, [oddity]);
  const exporter = new SimulatedExporter(drawn.network, 1);
  const told = () =>
    exporter.targets.flatMap((target) => [exporter.engine.pathsOf(target).hysteresis.standing]);
  exporter.run(LEARNS_MS);
  drawn.network.fault = drawn.fault;
  const wrong = new Set<string>();
  for (let second = 0; second < WATCHES_S; second += 1) {
    exporter.run(1000);
    for (const suspect of told().flatMap(({ suspects }) => suspects)) {
      const { place, name, from, to, segment, confidence } = suspect;
      if (confidence < SURE || judgeOdd(drawn, suspect) === "right") continue;
      wrong.add(`${place} ${name} ${from} > ${to} ${segment}`);
    }
  }
  return { wrong: [...wrong], suspects: told().flatMap(({ suspects }) => suspects) };
}

describe("a healthy network", () => {
  it.each(ODDITIES)("accuses nobody: %s", (oddity) => {
    assert.deepEqual(watched("none", oddity).suspects, []);
  });
});

const FAULTS = [
  "router before",
  "router after",
  "link dead",
  "behind dead",
  "behind dead hiding",
  "behind loss",
] as const;
const NAMELESS = [
  "none",
  "a stage answers with the target's address",
  "a stage answers with 192.0.0.8",
] as const;

describe.each(FAULTS)("where the fault is: %s", (fault) => {
  it.each(NAMELESS)("nobody innocent is accused surely: %s", (oddity) => {
    const { wrong, suspects } = watched(fault, oddity);
    assert.deepEqual(wrong, []);
    assert.ok(suspects.length > 0);
  });
});
