import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, test } from "vitest";
import { isBcryptHash, readCredentials } from "../../src/http/basic-auth.ts";

const COST = 4;
const users = new Map([
  ["alice", hashSync("right", { cost: COST })],
  ["bob", hashSync("other", { cost: COST, version: "2y" })],
]);

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

describe("credentials", () => {
  test.each([
    [undefined, undefined],
    ["", undefined],
    ["Bearer abc", undefined],
    ["Basic", undefined],
    ["Basic !!!", undefined],
    [basic("nocolon"), undefined],
    [basic("a:b"), { user: "a", password: "b" }],
    [basic("a:b:c"), { user: "a", password: "b:c" }],
    [basic(":"), { user: "", password: "" }],
    [basic("jürgen:pässword"), { user: "jürgen", password: "pässword" }],
    [basic("a:b").replace("Basic", "bASIC "), { user: "a", password: "b" }],
  ])("%j", (header, expected) => {
    expect(readCredentials(header)).toEqual(expected);
  });
});

describe("hashes", () => {
  test.each([
    [users.get("alice") ?? "", true],
    [users.get("bob") ?? "", true],
    ["", false],
    ["secret", false],
    ["$2b$03$T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.", false],
    ["$2b$32$T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.", false],
    ["$2b$10$T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5", false],
    ["$1$abc$def", false],
  ])("%j: %s", (text, valid) => {
    expect(isBcryptHash(text)).toBe(valid);
  });
});
