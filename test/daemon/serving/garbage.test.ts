import { expect, test, vi } from "vitest";
import { Garbage } from "../../../src/daemon/serving/garbage.ts";

test("garbage is collected a moment after it was first asked for, once for all who ask", async () => {
  vi.useFakeTimers();
  try {
    const garbage = new Garbage();
    let dead: WeakRef<object> | undefined;
    // A frame of its own, which is gone when the garbage is collected.
    (() => {
      dead = new WeakRef({});
    })();
    garbage.collectSoon();
    garbage.collectSoon();
    expect(vi.getTimerCount()).toBe(1);
    // What a weak reference was made of stays until the job has ended that made it.
    await vi.advanceTimersByTimeAsync(1000);
    expect(vi.getTimerCount()).toBe(0);
    expect(dead?.deref()).toBeUndefined();
    garbage.collectSoon();
    expect(vi.getTimerCount()).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
