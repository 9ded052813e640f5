import { expect, test } from "vitest";
import { errnoName } from "../../src/wire/raw-handle.ts";

test("errors of the C library are told by name, in the spellings of glibc and musl", () => {
  const texts = [
    ["Operation not permitted", "EPERM"],
    ["Permission denied", "EACCES"],
    ["Message too long", "EMSGSIZE"],
    ["Message too large", "EMSGSIZE"],
    ["Network is unreachable", "ENETUNREACH"],
    ["Network unreachable", "ENETUNREACH"],
    ["No buffer space available", "ENOBUFS"],
    ["Cannot assign requested address", "EADDRNOTAVAIL"],
    ["Address not available", "EADDRNOTAVAIL"],
  ] as const;
  for (const [text, name] of texts) expect(errnoName(new Error(text))).toBe(name);
});

test("an error that is not in the table has one name for all, so that its label stays bounded", () => {
  expect(errnoName(new Error("Something else"))).toBe("OTHER");
  expect(errnoName("Operation not permitted")).toBe("EPERM");
  expect(errnoName(undefined)).toBe("OTHER");
});
