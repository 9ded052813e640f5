import { expect, test } from "vitest";
import { inOneLayout } from "../../src/flow/target.ts";
import { makeTarget } from "../support/target.ts";

test("a target in the layout of all targets has every setting that it had, and no other", () => {
  const plain = makeTarget({ to: "192.0.2.10", labels: { site: "a" } });
  expect(inOneLayout(plain)).toStrictEqual(plain);
  const asked = { ...plain, payload: { kind: "ntp" }, acceptFrom: ["192.0.2.0/24"] } as const;
  expect(inOneLayout(asked)).toStrictEqual(asked);
  expect(Object.keys(inOneLayout(asked)).slice(0, -2)).toEqual(Object.keys(inOneLayout(plain)));
});
