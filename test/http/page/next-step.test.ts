import { expect, test } from "vitest";
import { nextStep } from "../../../src/http/page/next-step.js";

const forward = { segment: "forward" };
const back = { segment: "return_or_endpoint" };

test.each([
  ["healthy", [], undefined],
  ["indeterminate", [], undefined],
  ["target_down", [forward], /^Look at the target and its last link/],
  ["source_fault", [], /^Look at this exporter's host/],
  ["path_fault", [forward], /^Take the suspected link or router out of service/],
  ["path_fault", [back, forward], /^Take the suspected link or router out of service/],
  ["path_fault", [back], /the way there works/],
  ["path_fault", [], /until a place is suspected/],
  ["path_loss", [forward], /^Look at the error and drop counters/],
  ["path_loss", [back], /the way there works/],
])("for %s with the suspects %j the next step is told", (verdict, suspects, step) => {
  const told = nextStep({ verdict, suspects, error: null });
  if (step === undefined) expect(told).toBeUndefined();
  else expect(told).toMatch(step);
});

test("a target that is not probed is to be looked at in the configuration", () => {
  const step = nextStep({ verdict: "indeterminate", suspects: [], error: "no route" });
  expect(step).toContain("configuration");
});
