import { expect, test } from "vitest";
import { SharedAnswers } from "../../../src/daemon/serving/shared-answers.ts";

function rig(spentMs: number) {
  let now = 0;
  let made = 0;
  const shared = new SharedAnswers<number>({ monotonic: () => now });
  return {
    ask: (question: string) =>
      shared.get(question, () => {
        made += 1;
        return Promise.resolve({ value: made, spentMs });
      }),
    pass: (ms: number) => {
      now += ms;
    },
    shared,
  };
}

test("those who ask the same while it is answered share the answer, others do not", async () => {
  const { ask } = rig(0);
  expect(await Promise.all([ask("a"), ask("a"), ask("b")])).toEqual([1, 1, 2]);
});

test("an answer is given again for ten times as long as it took", async () => {
  const { ask, pass } = rig(300);
  expect(await ask("a")).toBe(1);
  pass(2999);
  expect(await ask("a")).toBe(1);
  pass(1);
  expect(await ask("a")).toBe(2);
});

test("an answer is made anew for those who ask after it is to be forgotten, made or still being made", async () => {
  const { ask, shared } = rig(300);
  const before = ask("a");
  shared.forget();
  expect(await Promise.all([before, ask("a")])).toEqual([1, 2]);
  shared.forget();
  expect(await ask("a")).toBe(3);
});

test("an answer that took no time is made anew each time", async () => {
  const { ask } = rig(0);
  expect(await ask("a")).toBe(1);
  expect(await ask("a")).toBe(2);
});

test("a failure is told to everybody who waits and not remembered", async () => {
  const { shared } = rig(0);
  const fail = () => shared.get("a", () => Promise.reject(new Error("gone")));
  const both = await Promise.allSettled([fail(), fail()]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await shared.get("a", () => Promise.resolve({ value: 7, spentMs: 0 }))).toBe(7);
});

test("one that fails after a reload leaves the one that has been made since", async () => {
  let now = 0;
  const shared = new SharedAnswers<string>({ monotonic: () => now });
  let fail: (error: Error) => void = () => undefined;
  const old = shared.get("a", () => new Promise((_, reject) => (fail = reject)));
  shared.forget();
  expect(await shared.get("a", () => Promise.resolve({ value: "new", spentMs: 300 }))).toBe("new");
  fail(new Error("gone"));
  await expect(old).rejects.toThrow("gone");
  now += 100;
  expect(await shared.get("a", () => Promise.resolve({ value: "newer", spentMs: 0 }))).toBe("new");
});
