import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Users } from "../../src/http/basic-auth.ts";
import {
  commonCost,
  costsOf,
  type LoginResult,
  PasswordCheck,
} from "../../src/http/password-check.ts";

const COST = 4;
const users = new Map([
  ["alice", hashSync("right", { cost: COST })],
  ["bob", hashSync("other", { cost: COST, version: "2y" })],
]);

/** A hash of a cost, of a password that nobody knows. */
const hashOf = (cost: number): string =>
  `$2b$${String(cost).padStart(2, "0")}$T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.`;

const login = (
  check: PasswordCheck,
  known: Users,
  user: string,
  password: string,
  from: { peer?: string; signal?: AbortSignal } = {},
): Promise<LoginResult> => check.verify(known, { user, password, peer: "192.0.2.1", ...from });

/** bcrypt by hand: what has begun, in order, and a way to end each. */
class HandMadeBcrypt {
  readonly begun: { readonly password: string; readonly hash: string }[] = [];
  readonly #ends: ((right: boolean) => void)[] = [];

  readonly compare = (password: string, hash: string): Promise<boolean> => {
    this.begun.push({ password, hash });
    return new Promise((resolve) => this.#ends.push(resolve));
  };

  /** Ends the check that began as the n-th. */
  end(n: number, right = false): void {
    this.#ends[n]?.(right);
  }

  get passwords(): string[] {
    return this.begun.map(({ password }) => password);
  }
}

describe("passwords", () => {
  test("right ones pass, cold and remembered; wrong ones and unknown users never do", async () => {
    const check = new PasswordCheck();
    for (let round = 0; round < 3; round++) {
      expect(await login(check, users, "alice", "right")).toBe("right");
      expect(await login(check, users, "bob", "other")).toBe("right");
      expect(await login(check, users, "alice", "wrong")).toBe("wrong");
      expect(await login(check, users, "alice", "other")).toBe("wrong");
      expect(await login(check, users, "mallory", "right")).toBe("wrong");
      expect(await login(check, users, "alice", "")).toBe("wrong");
    }
  });

  test("what is remembered of one triple opens no other whose parts join to the same text", async () => {
    const check = new PasswordCheck();
    const hash = users.get("alice") ?? "";
    expect(await login(check, users, "alice", "right")).toBe("right");
    const tricky = new Map([
      [`alice${hash}`, hashSync("x", { cost: COST })],
      ["alice", hashSync("y", { cost: COST })],
    ]);
    expect(await login(check, tricky, `alice${hash}`, "right")).toBe("wrong");
    expect(await login(check, tricky, "alice", `${hash}right`)).toBe("wrong");
    expect(await login(check, tricky, 'alice","', "right")).toBe("wrong");
  });

  test("a changed hash ends what was remembered", async () => {
    const check = new PasswordCheck();
    expect(await login(check, users, "alice", "right")).toBe("right");
    const changed = new Map([["alice", hashSync("new", { cost: COST })]]);
    expect(await login(check, changed, "alice", "right")).toBe("wrong");
    expect(await login(check, changed, "alice", "new")).toBe("right");
  });

  test("a user who is added is no longer the unknown one that was refused", async () => {
    const check = new PasswordCheck();
    expect(await login(check, users, "carol", "secret")).toBe("wrong");
    const more = new Map([...users, ["carol", hashSync("secret", { cost: COST })]]);
    expect(await login(check, more, "carol", "secret")).toBe("right");
  });

  test("a hundred and fifty logins at once, right and wrong mixed, all get the true answer", async () => {
    const check = new PasswordCheck();
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_, i) =>
        login(check, users, "alice", i % 2 ? `wrong${i}` : "right"),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 150 }, (_, i) => (i % 2 ? "wrong" : "right")));
  });

  test("a hash that cannot be read refuses its user and leaves the others alone", async () => {
    const check = new PasswordCheck();
    const broken = new Map([...users, ["carol", "junk"]]);
    expect(await login(check, broken, "carol", "x")).toBe("wrong");
    expect(await login(check, broken, "alice", "right")).toBe("right");
  });
});

describe("what a login costs", () => {
  const mixed = new Map([
    ["a", hashOf(10)],
    ["b", hashOf(10)],
    ["c", hashOf(12)],
    ["d", hashOf(18)],
  ]);

  test("of an unknown user is what most users cost, the cheaper of two that are as common", async () => {
    expect(commonCost(mixed)).toBe(10);
    expect(commonCost(new Map([...mixed, ["e", hashOf(12)]]))).toBe(10);
    expect(commonCost(new Map([...mixed, ["e", hashOf(12)], ["f", hashOf(12)]]))).toBe(12);
    expect(commonCost(new Map([["d", hashOf(18)]]))).toBe(18);
    expect(costsOf(mixed)).toEqual([10, 12, 18]);
    const bcrypt = new HandMadeBcrypt();
    const check = new PasswordCheck(systemClock, bcrypt.compare);
    const answer = login(check, mixed, "mallory", "x");
    expect(bcrypt.begun.map(({ hash }) => hash.slice(0, 7))).toEqual(["$2b$10$"]);
    // Even the right password of the dummy hash opens nothing.
    bcrypt.end(0, true);
    expect(await answer).toBe("wrong");
  });

  test("is paid once for forty wrong ones of one user, at once and one after the other", async () => {
    const bcrypt = new HandMadeBcrypt();
    const check = new PasswordCheck(systemClock, bcrypt.compare);
    const wrong = (): Promise<LoginResult> => login(check, mixed, "a", "guess");
    const atOnce = Array.from({ length: 40 }, wrong);
    expect(bcrypt.begun).toHaveLength(1);
    bcrypt.end(0);
    expect(new Set(await Promise.all(atOnce))).toEqual(new Set(["wrong"]));
    for (let i = 0; i < 40; i++) expect(await wrong()).toBe("wrong");
    expect(bcrypt.begun).toHaveLength(1);
  });

  test("is not paid for those who hang up, and three of them do not delay the right one", async () => {
    const bcrypt = new HandMadeBcrypt();
    const check = new PasswordCheck(systemClock, bcrypt.compare);
    const client = new AbortController();
    const hanging = ["m1", "m2", "m3"].map((user) =>
      login(check, mixed, user, `of ${user}`, { signal: client.signal }),
    );
    const right = login(check, mixed, "a", "right", { peer: "192.0.2.2" });
    client.abort();
    expect(await Promise.all(hanging)).toEqual(["abandoned", "abandoned", "abandoned"]);
    bcrypt.end(0);
    await expect.poll(() => bcrypt.begun.length).toBe(3);
    bcrypt.end(2, true);
    expect(await right).toBe("right");
    expect(bcrypt.passwords).toEqual(["of m1", "of m2", "right"]);
  });

  test("is paid for one of several who ask the same as long as one of them waits", async () => {
    const bcrypt = new HandMadeBcrypt();
    const check = new PasswordCheck(systemClock, bcrypt.compare);
    const fillers = ["x", "y"].map((user) => login(check, mixed, user, "filler"));
    const client = new AbortController();
    const gone = login(check, mixed, "a", "same", { signal: client.signal });
    const stays = login(check, mixed, "a", "same");
    client.abort();
    expect(await gone).toBe("abandoned");
    bcrypt.end(0);
    bcrypt.end(1);
    await Promise.all(fillers);
    await expect.poll(() => bcrypt.begun.length).toBe(3);
    bcrypt.end(2, true);
    expect(await stays).toBe("right");
  });

  test("is refused to a peer after a hundred wrong ones, not to others, and not for what is known to be right", async () => {
    let now = 0;
    const clock = { monotonic: () => now, wall: () => now };
    const check = new PasswordCheck(clock, async (password) => password === "right");
    expect(await login(check, mixed, "a", "right")).toBe("right");
    for (let i = 0; i < 100; i++) expect(await login(check, mixed, "a", `w${i}`)).toBe("wrong");
    expect(await login(check, mixed, "a", "w100")).toBe("limited");
    expect(await login(check, mixed, "b", "right")).toBe("limited");
    expect(await login(check, mixed, "a", "w0")).toBe("wrong");
    expect(await login(check, mixed, "a", "right")).toBe("right");
    expect(await login(check, mixed, "b", "right", { peer: "192.0.2.2" })).toBe("right");
    now += 1000;
    expect(await login(check, mixed, "a", "w100")).toBe("wrong");
    expect(await login(check, mixed, "a", "w101")).toBe("limited");
  });
});

test("wrong logins, however many, do not push right ones out", async () => {
  let computed = 0;
  const check = new PasswordCheck(systemClock, (password) => {
    computed += 1;
    return Promise.resolve(password === "right");
  });
  await login(check, users, "alice", "right");
  for (let i = 0; i < 5_000; i++)
    await login(check, users, `m${i}`, "x", { peer: `192.0.2.${i % 250}` });
  const before = computed;
  expect(await login(check, users, "alice", "right")).toBe("right");
  expect(computed).toBe(before);
});
