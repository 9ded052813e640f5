import { expect, test } from "vitest";
import { showsColours } from "../../src/cli/terminal.ts";

test("colours are for terminals that know them, and never with NO_COLOR", () => {
  const terminal = { isTTY: true };
  expect(showsColours(terminal, { TERM: "xterm" })).toBe(true);
  expect(showsColours(terminal, { TERM: "xterm", NO_COLOR: "" })).toBe(true);
  expect(showsColours(terminal, { TERM: "xterm", NO_COLOR: "1" })).toBe(false);
  expect(showsColours(terminal, { TERM: "dumb" })).toBe(false);
  expect(showsColours({}, { TERM: "xterm" })).toBe(false);
});
