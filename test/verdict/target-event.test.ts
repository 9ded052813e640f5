import { expect, test } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import { changesOf } from "../../src/verdict/target-event.ts";

function told(verdict: Localization["verdict"], ...names: string[]): Localization {
  const suspects = names.map((name) => ({ name, segment: "forward", reason: `${name} fails.` }));
  return { verdict, reason: "why.", suspects } as unknown as Localization;
}
const events = (...args: Parameters<typeof changesOf>) =>
  changesOf(...args).map(({ event }) => event);

test("a new verdict is a change, a new place another, and health after a fault a third", () => {
  const unknown = told("indeterminate");
  const fault = told("path_fault", "r8");
  expect(events(unknown, told("healthy"), false)).toEqual(["verdict"]);
  expect(events(told("healthy"), fault, false)).toEqual(["verdict", "suspect"]);
  expect(events(fault, told("path_loss", "r8"), true)).toEqual(["verdict"]);
  expect(events(fault, told("path_fault", "r9"), true)).toEqual(["suspect"]);
  expect(events(fault, told("path_fault", "r8"), true)).toEqual([]);
  expect(events(fault, told("healthy"), true)).toEqual(["verdict", "healed"]);
  expect(events(unknown, told("healthy"), true)).toEqual(["verdict", "healed"]);
});

test("a change says what is true now", () => {
  expect(changesOf(told("healthy"), told("path_fault", "r8", "r9"), false)).toEqual([
    { event: "verdict", message: "path_fault: why." },
    { event: "suspect", message: "r8 fails. r9 fails." },
  ]);
});
