import { expect, test } from "vitest";
import { ExplanationErrors } from "../../src/daemon/explanation-errors.ts";
import { type LogFields, silentLog } from "../../src/log.ts";
import { makeProbed } from "../support/probed-flow.ts";

test("errors of explanations are all counted, and logged once a minute with their place in the program", () => {
  const lines: LogFields[] = [];
  let now = 0;
  const errors = new ExplanationErrors(
    { ...silentLog, error: (_, fields = {}) => lines.push(fields) },
    { monotonic: () => now, wall: () => now },
  );
  errors.onBrokenOff(makeProbed({ name: "db" }), new TypeError("no such hop"));
  now = 59_000;
  errors.onBrokenOff(undefined, new TypeError("no such hop"));
  now = 60_000;
  errors.onBrokenOff(undefined, "odd");
  expect(errors.count).toBe(3);
  expect(lines).toEqual([
    {
      target: "db",
      error: expect.stringMatching(/TypeError: no such hop\n.*explanation-errors/),
      errors: 1,
    },
    { target: "what all targets have in common", error: "odd", errors: 3 },
  ]);
});
