import { expect, it } from "vitest";
import { LoopTurns } from "../../src/discovery/loop-turns.ts";

it("gives everybody who waits a turn of the loop, one each, in the order in which they came", async () => {
  const turns = new LoopTurns();
  let turn = 0;
  const count = () => {
    turn += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const waited = [..."abcd"].map(async (name) => {
    await turns.next();
    return { name, turn };
  });
  const got = await Promise.all(waited);
  clearImmediate(counting);
  expect(got.map(({ name }) => name).join("")).toBe("abcd");
  expect(new Set(got.map((each) => each.turn)).size).toBe(4);
});
