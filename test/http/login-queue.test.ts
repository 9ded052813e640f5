import { describe, expect, test } from "vitest";
import { LoginQueue } from "../../src/http/login-queue.ts";

/** A queue whose checks end by hand. */
class HandQueue {
  readonly queue = new LoginQueue();
  /** Names of checks in the order in which they began. */
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  add(peer: string, user: string, name: string, slow = false): () => boolean {
    return this.queue.add({ peer, user }, slow, () => {
      this.begun.push(name);
      return new Promise<void>((resolve) => this.#ends.set(name, resolve));
    });
  }

  /** Ends a check and lets the next begin. */
  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the queue of logins", () => {
  test("runs two checks at once, each other one when one of them has ended", async () => {
    const hand = new HandQueue();
    for (const name of ["1", "2", "3"]) hand.add("p", "u", name);
    expect(hand.begun).toEqual(["1", "2"]);
    expect(hand.queue.waiting).toBe(1);
    await hand.end("2");
    expect(hand.begun).toEqual(["1", "2", "3"]);
    expect(hand.queue.waiting).toBe(0);
  });

  test("goes round the peers: who floods delays another by one check", async () => {
    const hand = new HandQueue();
    for (let i = 0; i < 50; i++) hand.add("flood", `u${i}`, `f${i}`);
    hand.add("other", "u", "o");
    await hand.end("f0");
    await hand.end("f1");
    expect(hand.begun.slice(0, 4)).toEqual(["f0", "f1", "f2", "o"]);
  });

  test("goes round the users of a peer: who floods one name delays another by one check", async () => {
    const hand = new HandQueue();
    for (let i = 0; i < 50; i++) hand.add("p", "flooded", `f${i}`);
    hand.add("p", "u", "o");
    await hand.end("f0");
    await hand.end("f1");
    expect(hand.begun.slice(0, 4)).toEqual(["f0", "f1", "f2", "o"]);
  });

  test("keeps a slot free of slow checks", async () => {
    const hand = new HandQueue();
    for (const name of ["s1", "s2", "s3"]) hand.add("p", name, name, true);
    hand.add("p", "u", "quick");
    expect(hand.begun).toEqual(["s1", "quick"]);
    await hand.end("quick");
    expect(hand.begun).toEqual(["s1", "quick"]);
    await hand.end("s1");
    expect(hand.begun).toEqual(["s1", "quick", "s2"]);
  });

  test("does not run what was taken out, and says whether it was in time", async () => {
    const hand = new HandQueue();
    const takeOut = ["1", "2", "3", "4"].map((name) => hand.add("p", "u", name));
    expect(takeOut[0]?.()).toBe(false);
    expect(takeOut[2]?.()).toBe(true);
    expect(takeOut[2]?.()).toBe(false);
    await hand.end("1");
    expect(hand.begun).toEqual(["1", "2", "4"]);
    expect(takeOut[3]?.()).toBe(false);
  });

  test("goes on after a check that failed", async () => {
    const queue = new LoginQueue();
    let ran = 0;
    for (let i = 0; i < 5; i++) {
      queue.add({ peer: "p", user: "u" }, false, () => {
        ran += 1;
        return Promise.reject(new Error("unreadable"));
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toBe(5);
  });
});
