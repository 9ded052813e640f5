import { expect, test } from "vitest";
import { readableLines, readableText } from "../../src/view/readable-text.ts";

test("control characters, escape sequences and characters that turn the writing are written out", () => {
  expect(readableText("\u001b[31mred\u0007\u009b2J\u202e\n\u2028")).toBe(
    "\\u001b[31mred\\u0007\\u009b2J\\u202e\\u000a\\u2028",
  );
  expect(readableText("\u{e0001}")).toBe("\\udb40\\udc01");
  expect(readableText("täglich 漢字 └─")).toBe("täglich 漢字 └─");
});

test("lines stay lines, and JSON keeps its meaning", () => {
  const value = { name: "a\u009b\u{e0001}b" };
  expect(JSON.parse(readableLines(JSON.stringify(value, null, 2)))).toEqual(value);
});
