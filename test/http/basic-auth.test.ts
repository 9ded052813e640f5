import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, test } from "vitest";
import { isBcryptHash, PasswordCheck, readCredentials } from "../../src/http/basic-auth.ts";

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

describe("passwords", () => {
  test("right ones pass, cold and remembered; wrong ones and unknown users never do", async () => {
    const check = new PasswordCheck();
    for (let round = 0; round < 3; round++) {
      expect(await check.verify(users, "alice", "right")).toBe(true);
      expect(await check.verify(users, "bob", "other")).toBe(true);
      expect(await check.verify(users, "alice", "wrong")).toBe(false);
      expect(await check.verify(users, "alice", "other")).toBe(false);
      expect(await check.verify(users, "mallory", "right")).toBe(false);
      expect(await check.verify(users, "alice", "")).toBe(false);
    }
  });

  test("what is remembered of one triple opens no other whose parts join to the same text", async () => {
    const check = new PasswordCheck();
    const hash = users.get("alice") ?? "";
    expect(await check.verify(users, "alice", "right")).toBe(true);
    const tricky = new Map([
      [`alice${hash}`, hashSync("x", { cost: COST })],
      ["alice", hashSync("y", { cost: COST })],
    ]);
    expect(await check.verify(tricky, `alice${hash}`, "right")).toBe(false);
    expect(await check.verify(tricky, "alice", `${hash}right`)).toBe(false);
    expect(await check.verify(tricky, 'alice","', "right")).toBe(false);
  });

  test("a changed hash ends what was remembered", async () => {
    const check = new PasswordCheck();
    expect(await check.verify(users, "alice", "right")).toBe(true);
    const changed = new Map([["alice", hashSync("new", { cost: COST })]]);
    expect(await check.verify(changed, "alice", "right")).toBe(false);
    expect(await check.verify(changed, "alice", "new")).toBe(true);
  });

  test("a hundred and fifty logins at once, right and wrong mixed, all get the true answer", async () => {
    const check = new PasswordCheck();
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_, i) =>
        check.verify(users, "alice", i % 2 ? `wrong${i}` : "right"),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 150 }, (_, i) => i % 2 === 0));
  });

  test("a hash that cannot be read refuses its user and leaves the others alone", async () => {
    const check = new PasswordCheck();
    const broken = new Map([...users, ["carol", "junk"]]);
    expect(await check.verify(broken, "carol", "x")).toBe(false);
    expect(await check.verify(broken, "alice", "right")).toBe(true);
  });
});
