import { describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { AliasTest, type Reached } from "../../src/survey/alias-test.ts";
import { LinuxRateLimit } from "../support/simulated-routers.ts";

const TURN_MS = 100;
const flow = { active: true, state: "up" } as ProbedFlow;
const reached = (address: string, ttl = 3): Reached => ({ address, flow, ttl });

/** Routers by name with their addresses; a limit that all of an entry share. */
type Routers = readonly (readonly string[])[];

/**
 * Lets a test run to its end against routers.
 * @param answers whether an address answers at all, by the number of the question
 */
function run(
  routers: Routers,
  witness: Reached | undefined = reached("w", 2),
  answers: (address: string, asked: number) => boolean = () => true,
) {
  const [[pivot = ""] = []] = routers;
  const others = routers.flat().filter((address) => address !== pivot && address !== "w");
  const limits = routers.map(() => new LinuxRateLimit());
  const alias = new AliasTest(
    reached(pivot),
    others.map((each) => reached(each)),
    witness,
    {
      turnMs: TURN_MS,
      answeredWithinMs: 400,
    },
  );
  let asked = 0;
  for (let now = 10_000; ; now += TURN_MS) {
    const next = alias.next();
    if (next === undefined) break;
    for (const each of next) {
      asked += 1;
      const limit = limits[routers.findIndex((own) => own.includes(each.address))];
      const isAnswered = limit?.take(now) === true && answers(each.address, asked);
      alias.told(each, isAnswered ? each.address : null);
    }
  }
  return { ...alias.findings(), asked };
}

describe("a test of one address", () => {
  test("finds the addresses that share its limit, and those that do not", () => {
    const { same, apart } = run([["a1", "a2", "a3"], ["b1", "b2"], ["w"]]);
    expect([...same].sort()).toEqual(["a2", "a3"]);
    expect([...apart].sort()).toEqual(["b1", "b2"]);
  });

  test("finds nothing where nobody else answers meanwhile: it may be a limit on the way back", () => {
    expect(run([["a1", "a2", "a3", "w"]])).toMatchObject({ same: [], apart: [] });
  });

  test("takes an address that never answers for nobody's", () => {
    const { same } = run(
      [["a1", "a2", "a3"], ["b1"], ["w"]],
      reached("w", 2),
      (each) => each !== "a3",
    );
    expect(same).toEqual(["a2"]);
  });

  test("soon gives up on one that answers all it is asked", () => {
    const { isUnlimited, same, asked } = run(
      Array.from({ length: 40 }, (_, index) => [`a${index}`]),
      undefined,
    );
    expect(isUnlimited).toBe(false);
    expect(same).toEqual([]);
    expect(asked).toBeGreaterThan(40);
    const alias = new AliasTest(reached("a"), [reached("b")], undefined, {
      turnMs: TURN_MS,
      answeredWithinMs: 400,
    });
    let turns = 0;
    for (let next = alias.next(); next !== undefined; next = alias.next()) {
      turns += 1;
      for (const each of next) alias.told(each, each.address);
    }
    expect(alias.findings()).toMatchObject({ isUnlimited: true, same: [], apart: [] });
    expect(turns).toBeLessThan(20);
  });

  test("says nothing once the flow gets elsewhere", () => {
    const alias = new AliasTest(reached("a"), [reached("b")], reached("w", 2), {
      turnMs: TURN_MS,
      answeredWithinMs: 400,
    });
    alias.next();
    alias.told(reached("a"), "c");
    const pivot = alias.next()?.[0];
    if (pivot !== undefined) alias.told(pivot, "c");
    expect(alias.next()).toBeUndefined();
    expect(alias.findings()).toMatchObject({ same: [], apart: [] });
  });
});
