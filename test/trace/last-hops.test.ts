import { describe, expect, test } from "vitest";
import type { FailureReason } from "../../src/probe/outcome.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { LastHops } from "../../src/trace/last-hops.ts";
import { address } from "../support/address.ts";
import { makeFlow } from "../support/probed-flow.ts";

const DESTINATION = "198.51.100.2";

class Book {
  readonly flow: ProbedFlow = makeFlow();
  readonly told: [string, number, number][] = [];
  readonly lastHops: LastHops = new LastHops((_, hop, probes, failures) => {
    this.told.push([hop, probes, failures]);
  });

  answered(): void {
    this.flow.state = "up";
    this.lastHops.outcome(this.flow, { kind: "answered", rttMs: 1 });
  }

  failed(reason: FailureReason = "timeout", responder?: string): void {
    this.flow.state = "failing";
    const by = responder === undefined ? undefined : address(responder);
    this.lastHops.outcome(this.flow, { kind: "failed", reason, responder: by });
  }

  get current(): string {
    return this.lastHops.current(this.flow);
  }
}

describe("LastHops", () => {
  test("give an answered probe the destination at once", () => {
    const book = new Book();
    book.answered();
    expect(book.told).toEqual([[DESTINATION, 1, 0]]);
    expect(book.current).toBe(DESTINATION);
  });

  test("let failures wait for the first sweep, and give later ones what sweeps said last", () => {
    const book = new Book();
    book.failed();
    book.failed();
    expect(book.told).toEqual([]);
    expect(book.current).toBe("unknown");
    book.lastHops.traced(book.flow, "10.0.0.8");
    book.failed();
    book.lastHops.traced(book.flow, "10.0.0.9");
    expect(book.current).toBe("10.0.0.9");
    book.failed();
    expect(book.told).toEqual([
      ["10.0.0.8", 2, 2],
      ["10.0.0.8", 1, 1],
      ["10.0.0.9", 1, 1],
    ]);
  });

  test("know no last hop of a flow that fails anew, until it is swept again", () => {
    const book = new Book();
    book.failed();
    book.lastHops.traced(book.flow, "10.0.0.8");
    book.answered();
    expect(book.current).toBe(DESTINATION);
    book.failed();
    expect(book.current).toBe("unknown");
    expect(book.told).toEqual([
      ["10.0.0.8", 1, 1],
      [DESTINATION, 1, 0],
    ]);
  });

  test("give failures of a flow that works again what the sweep still finds, and keep nothing of it", () => {
    const book = new Book();
    book.failed();
    book.answered();
    book.lastHops.traced(book.flow, "10.0.0.8");
    expect(book.told).toEqual([
      [DESTINATION, 1, 0],
      ["10.0.0.8", 1, 1],
    ]);
    expect(book.current).toBe(DESTINATION);
  });

  test("need no sweep where somebody reports the failure: the target that refuses, the router that rejects", () => {
    const book = new Book();
    book.failed("refused", DESTINATION);
    expect(book.current).toBe(DESTINATION);
    book.failed("prohibited", "10.0.0.5");
    book.failed("timeout");
    expect(book.current).toBe("10.0.0.5");
    expect(book.told).toEqual([
      [DESTINATION, 1, 1],
      ["10.0.0.5", 1, 1],
      ["10.0.0.5", 1, 1],
    ]);
  });

  test("do not take who reports a loop for the last hop", () => {
    const book = new Book();
    book.failed("ttl_exceeded", "10.0.0.5");
    expect(book.told).toEqual([]);
    expect(book.current).toBe("unknown");
  });

  test("are unknown for failures that cannot be traced, or whose flow is gone, each told once", () => {
    const book = new Book();
    book.failed();
    book.lastHops.untraceable(book.flow);
    book.lastHops.untraceable(book.flow);
    book.failed();
    book.lastHops.forget(book.flow);
    book.lastHops.forget(book.flow);
    expect(book.told).toEqual([
      ["unknown", 1, 1],
      ["unknown", 1, 1],
    ]);
  });
});
