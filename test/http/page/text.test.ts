import { expect, test } from "vitest";
import {
  ago,
  clockTime,
  count,
  dateTime,
  endpoint,
  milliseconds,
  percent,
  readable,
  verdictOf,
} from "../../../src/http/page/text.js";

test("characters that show nothing or turn the text are written out, line feeds stay", () => {
  expect(readable("a\u202eb\u0000c\u001b[31m\nd\u200b")).toBe(
    "a\\u202eb\\u0000c\\u001b[31m\nd\\u200b",
  );
  expect(readable("Zürich 東京 <b>")).toBe("Zürich 東京 <b>");
});

test.each([
  [0, "0 %"],
  [1, "100 %"],
  [0.0004, "< 0.1 %"],
  [0.9996, "> 99.9 %"],
  [0.0123, "1.2 %"],
  [0.123, "12 %"],
  [0.984, "98.4 %"],
  [null, "–"],
])("%s as per cent is %s", (share, text) => {
  expect(percent(share)).toBe(text);
});

test("moments are told in UTC, with their day where they may be of another", () => {
  const moment = Date.UTC(2026, 10, 29, 23, 59, 1, 999);
  expect(clockTime(moment)).toBe("23:59:01 UTC");
  expect(dateTime(moment)).toBe("2026-11-29 23:59:01 UTC");
});

test("times, addresses and counts", () => {
  expect(milliseconds(0.0123456)).toBe("12.3 ms");
  expect(milliseconds(null)).toBe("–");
  expect([ago(12), ago(200), ago(7200), ago(400_000)]).toEqual([
    "12 s ago",
    "3 min ago",
    "2 h ago",
    "5 d ago",
  ]);
  expect(endpoint({ address: "2001:db8::1", port: 53 })).toBe("[2001:db8::1]:53");
  expect(endpoint({ address: "192.0.2.1", port: 0 })).toBe("192.0.2.1");
  expect(endpoint({ address: null, port: 80 })).toBe("no address");
  expect([count(1, "flow"), count(0, "flow")]).toEqual(["1 flow", "0 flows"]);
  expect(verdictOf("new_one")).toMatchObject({ words: "new_one", sign: "?" });
});
