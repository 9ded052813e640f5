import { describe, expect, test } from "vitest";
import type { SweepAnswer } from "../../src/probe/reply/match.ts";
import { type OutstandingProbe, OutstandingProbes } from "../../src/trace/outstanding.ts";
import { makeFlow } from "../support/probed-flow.ts";

const flow = makeFlow();

function probe(ttl: number, sentAt: number, of = flow): OutstandingProbe<string> {
  return {
    owner: "sweep",
    flow: of,
    ttl,
    packet: { identification: ttl * 512 + 1, timestamp: 9000 + ttl, sentAt },
    paced: undefined,
    answered: false,
    expired: false,
  };
}

function answer(
  identification?: number,
  timestamp?: number,
  kind: SweepAnswer["kind"] = "hop",
): SweepAnswer {
  const responder = flow.target.target.address;
  return { identification, timestamp, kind, responder, rateLimited: false };
}

function bookOf(...probes: OutstandingProbe<string>[]): OutstandingProbes<string> {
  const book = new OutstandingProbes<string>();
  for (const each of probes) book.add(each);
  return book;
}

describe("OutstandingProbes", () => {
  test("finds a packet by its identification, else by its timestamp", () => {
    const probes = [probe(1, 0), probe(2, 0), probe(3, 0)];
    const book = bookOf(...probes);
    expect(book.find(flow, answer(2 * 512 + 1))).toBe(probes[1]);
    expect(book.find(flow, answer(undefined, 9003))).toBe(probes[2]);
    expect(book.find(flow, answer(77))).toBeUndefined();
    expect(book.find(flow, answer(undefined, 77))).toBeUndefined();
  });

  test("keeps flows apart and forgets what was answered", () => {
    const first = probe(1, 0);
    const book = bookOf(first);
    expect(book.find(makeFlow(), answer(513))).toBeUndefined();
    first.answered = true;
    expect(book.find(flow, answer(513))).toBeUndefined();
  });

  test("takes the destination's answer that says nothing as one to the highest TTL that waits", () => {
    const probes = [probe(1, 0), probe(3, 5), probe(2, 10)];
    const book = bookOf(...probes);
    const mute = answer(undefined, undefined, "destination");
    const order = [];
    for (let taken = book.find(flow, mute); taken; taken = book.find(flow, mute)) {
      order.push(taken.ttl);
      taken.answered = true;
    }
    expect(order).toEqual([3, 2, 1]);
  });

  test("believes a router's answer that says nothing where only one packet waits", () => {
    for (const kind of ["hop", "rejected"] as const) {
      const probes = [probe(1, 0), probe(3, 0)];
      const book = bookOf(...probes);
      const mute = answer(undefined, undefined, kind);
      expect(book.find(flow, mute)).toBeUndefined();
      if (probes[0] !== undefined) probes[0].answered = true;
      expect(book.find(flow, mute)).toBe(probes[1]);
    }
  });

  test("tells each silence once, and none of packets that were answered", () => {
    const probes = [probe(1, 0), probe(2, 100), probe(3, 200)];
    const book = bookOf(...probes);
    const [, second] = probes;
    if (second !== undefined) second.answered = true;
    const silent: number[] = [];
    const expire = (now: number): void => book.expire(now, 1000, ({ ttl }) => silent.push(ttl));
    expire(999);
    expect(silent).toEqual([]);
    expire(1000);
    expect(silent).toEqual([1]);
    expire(1500);
    expire(1600);
    expect(silent).toEqual([1, 3]);
  });

  test("still knows a packet for five seconds by what is quoted of it, but not by nothing", () => {
    const late = probe(4, 0);
    const book = bookOf(late);
    book.expire(1000, 1000, () => {});
    expect(book.find(flow, answer())).toBeUndefined();
    book.expire(5000, 1000, () => {});
    expect(book.find(flow, answer(undefined, 9004))).toBe(late);
    expect(book.find(flow, answer(4 * 512 + 1))).toBe(late);
    book.expire(5001, 1000, () => {});
    expect(book.find(flow, answer(4 * 512 + 1))).toBeUndefined();
  });

  test("forgets old packets of one flow without those of another", () => {
    const other = makeFlow();
    const young = probe(2, 5000, other);
    const book = bookOf(probe(1, 0), probe(1, 0, other), young);
    book.expire(5500, 1000, () => {});
    expect(book.find(flow, answer(513))).toBeUndefined();
    expect(book.find(other, answer(513))).toBeUndefined();
    expect(book.find(other, answer(2 * 512 + 1))).toBe(young);
  });
});
