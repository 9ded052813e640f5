import { expect, test } from "vitest";
import type { Asking } from "../../../src/daemon/serving/asking.ts";
import { remoteParts } from "../../../src/daemon/serving/remote-parts.ts";
import { JsonText } from "../../../src/http/reply.ts";

test("what the API answers after a reload was read after it, however long the answer before took", async () => {
  let read = 0;
  const asking: Pick<Asking, "ask"> = {
    ask: ({ what }) => {
      if (what === "reload") return Promise.resolve({ value: { ok: true }, text: [], spentMs: 0 });
      read += 1;
      return Promise.resolve({ value: true, text: [`${read}`], spentMs: 100 });
    },
  };
  const clock = { monotonic: () => 0, wall: () => 0 };
  const parts = remoteParts(asking as Asking, clock, () => {});
  const shown = async () => {
    const answer = await parts.api.target("a");
    return answer instanceof JsonText ? String(answer.body) : answer;
  };
  expect([await shown(), await shown()]).toEqual(["1", "1"]);
  expect(await parts.reload()).toEqual({ ok: true });
  expect(await shown()).toBe("2");
});
