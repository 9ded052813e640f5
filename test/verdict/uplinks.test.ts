import { expect, test } from "vitest";
import { uplinkNames } from "../../src/verdict/uplinks.ts";

const one = (uplink: string | undefined, firstHop?: string | null) => ({ uplink, firstHop });

test("a router that answers is called as it answers, one that never did as routes name it", () => {
  const names = uplinkNames([one("10.1.0.1", "10.0.0.1"), one("10.1.0.1", null), one("10.2.0.1")]);
  expect(names).toEqual(
    new Map([
      ["10.1.0.1", "10.0.0.1"],
      ["10.2.0.1", "10.2.0.1"],
    ]),
  );
});

test("one uplink says nothing that the others' first hop does not", () => {
  expect(uplinkNames([one("10.1.0.1", "10.0.0.1"), one("10.1.0.1"), one(undefined)])).toEqual(
    new Map(),
  );
});

test("a router that answers under several addresses has no name", () => {
  const names = uplinkNames([one("10.1.0.1", "a"), one("10.1.0.1", "b"), one("10.2.0.1", "c")]);
  expect(names).toEqual(new Map([["10.2.0.1", "c"]]));
});
