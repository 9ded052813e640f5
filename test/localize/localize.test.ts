import { describe, expect, test } from "vitest";
import { localize, localizeInSteps } from "../../src/localize/localize.ts";
import { FAULT_KINDS, type FaultKind, generateCase } from "../support/generated-case.ts";
import { seeded } from "../support/random.ts";
import { Score } from "../support/score.ts";
import { printedSeed } from "../support/seed.ts";

/** Runs cases of every kind, `each` of them, and prints the table. */
function score(name: string, each: number, oddities: number, seed: number): Score {
  const random = seeded(seed);
  const all = new Score();
  for (const kind of FAULT_KINDS) {
    for (let i = 0; i < each; i++) {
      const generated = generateCase(kind, random, oddities);
      all.add(generated, localize(generated.input));
    }
  }
  console.info(`${name}, ${each} networks of each kind, seed ${seed}\n${all.table()}`);
  return all;
}

/** A fixed seed: the levels hold for thousands of networks, any few of them may miss one by chance. */
const SEED = Number(process.env["TEST_SEED"] ?? 20_261_122);

describe("localize on generated networks", () => {
  test("names the right places, no others, and the right verdict", { timeout: 240_000 }, () => {
    const result = score("networks", 25, 0, SEED);
    const levels: [FaultKind, number, number][] = [
      ["clean link", 0.95, 0.95],
      ["clean router", 0.95, 0.95],
      ["return path", 0.95, 0.95],
      ["balancer", 0.95, 0.95],
      ["loss 10 % and more", 0.9, 0.9],
      ["loss 5 %", 0.85, 0.85],
      ["three faults", 0.9, 0.8],
    ];
    for (const [kind, precision, recall] of levels) {
      expect(result.precision(kind), `precision, ${kind}`).toBeGreaterThanOrEqual(precision);
      expect(result.recall(kind), `recall, ${kind}`).toBeGreaterThanOrEqual(recall);
    }
    expect(result.precision("all")).toBeGreaterThanOrEqual(0.96);
    expect(result.recall("all")).toBeGreaterThanOrEqual(0.93);
    expect(result.rightVerdicts("all")).toBeGreaterThanOrEqual(0.97);
    const { named, right } = result.confident;
    expect(named).toBeGreaterThan(150);
    expect(right / named).toBeGreaterThanOrEqual(0.95);
  });

  test("still does where half of the networks are odd", { timeout: 120_000 }, () => {
    const result = score("odd networks", 12, 0.5, SEED);
    expect(result.precision("all")).toBeGreaterThanOrEqual(0.9);
    expect(result.recall("all")).toBeGreaterThanOrEqual(0.85);
    expect(result.rightVerdicts("all")).toBeGreaterThanOrEqual(0.94);
    const { named, right } = result.confident;
    expect(right / named).toBeGreaterThanOrEqual(0.9);
  });

  test("accuses nobody where nothing is wrong", { timeout: 60_000 }, () => {
    const random = seeded(printedSeed("localize, nothing wrong"));
    let healthy = 0;
    let suspects = 0;
    for (let i = 0; i < 300; i++) {
      const answer = localize(generateCase("nothing wrong", random, 0.5).input);
      healthy += answer.verdict === "healthy" ? 1 : 0;
      suspects += answer.suspects.length;
    }
    expect(healthy).toBeGreaterThanOrEqual(0.99 * 300);
    expect(suspects).toBeLessThanOrEqual(3);
  });
});

describe("localize", () => {
  const random = seeded(printedSeed("localize"));

  test("gives the same in steps as at once, and again", { timeout: 60_000 }, () => {
    for (const kind of FAULT_KINDS) {
      const { input } = generateCase(kind, random, 0.5);
      const steps = localizeInSteps(input);
      let step = steps.next();
      while (!step.done) {
        step = steps.next();
      }
      const answer = localize(input);
      expect(step.value).toEqual(answer);
      expect(localize(input)).toEqual(answer);
    }
  });

  test("does not depend on the order of the flows for what it says of a clean fault", () => {
    for (let i = 0; i < 20; i++) {
      const { input } = generateCase("clean link", random, 0);
      const turned = { ...input, flows: [...input.flows].reverse() };
      expect(localize(turned).verdict).toBe(localize(input).verdict);
    }
  });

  test("says of every suspect how much is lost, how sure it is, and why", () => {
    for (const kind of FAULT_KINDS) {
      const { input } = generateCase(kind, random, 0.5);
      const { reason, suspects } = localize(input);
      expect(reason).toMatch(/\d.*\.$/);
      for (const suspect of suspects) {
        expect(suspect.loss_ratio).toBeGreaterThan(0);
        expect(suspect.loss_ratio).toBeLessThanOrEqual(1);
        expect(suspect.confidence).toBeGreaterThan(0);
        expect(suspect.confidence).toBeLessThanOrEqual(1);
        expect(suspect.reason).toMatch(/\d.*\.$/);
      }
    }
  });

  test("takes no flows at all", () => {
    expect(localize({ target: "10.9.9.9", flows: [], known_links: [] })).toEqual({
      verdict: "indeterminate",
      reason: "Only 0 valid probes so far, at least 3 are needed.",
      suspects: [],
    });
  });

  test("survives a path that runs in a circle", () => {
    const circle = ["10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.2", "10.9.9.9"];
    const flows = Array.from({ length: 8 }, (_, bucket) => ({
      bucket,
      source_port: 61000 + bucket,
      path: bucket < 6 ? circle : null,
      seen: bucket < 4 ? [] : ["10.0.0.1"],
      probes: 30,
      failures: bucket < 4 ? 0 : 30,
      last_hop: bucket < 4 ? "10.9.9.9" : "10.0.0.1",
    }));
    const known_links = [["10.0.0.2", "10.0.0.1"] as const, ["10.0.0.1", "10.0.0.1"] as const];
    const { verdict } = localize({ target: "10.9.9.9", flows, known_links });
    expect(verdict).toBe("path_fault");
  });
});

describe("localize where nothing was ever traced", () => {
  /** Flows of which every fourth fails for good, and whose ways nobody knows. */
  const untraced = (lastHop: string) => ({
    target: "192.0.2.10",
    known_links: [],
    flows: Array.from({ length: 24 }, (_, bucket) => ({
      bucket,
      source_port: 61_000 + bucket,
      path: null,
      seen: [],
      probes: 20,
      failures: bucket % 4 === 0 ? 20 : 0,
      last_hop: lastHop,
    })),
  });

  test("counts a flow that died within the window among those that fail on every probe", () => {
    const { flows, ...rest } = untraced("unknown");
    const died = flows.map((flow) =>
      flow.failures > 0 ? { ...flow, failures: 15, streak: 15 } : { ...flow, streak: 0 },
    );
    expect(localize({ ...rest, flows: died }).reason).toContain(
      "6 of 24 flows fail on every probe and 18 lost nothing: 90 of 480 probes on 6 of 24 flows failed",
    );
  });

  test("tells what fails, and accuses no place", () => {
    const told = localize(untraced("unknown"));
    expect(told).toMatchObject({ verdict: "path_fault", suspects: [] });
    expect(told.reason).toBe(
      "6 of 24 flows fail on every probe and 18 lost nothing: 120 of 480 probes on 6 of 24 flows failed; the place cannot be told.",
    );
  });

  test("accuses where sweeps ended, if there were any", () => {
    expect(localize(untraced("192.0.2.10")).suspects).not.toEqual([]);
  });
});
