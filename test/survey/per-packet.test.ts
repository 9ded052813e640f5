import { expect, test } from "vitest";
import { PerPacketBalancing } from "../../src/survey/per-packet.ts";
import { SteadyPlaces } from "../../src/survey/steady-places.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const NONE: ReadonlySet<number> = new Set();
const LEFT = ["r1", "left", "r2"];
const RIGHT = ["r1", "right", "r2"];

function balancing(flows = 8) {
  const target = makeProbed({ flowBuckets: flows });
  const all = Array.from({ length: flows }, (_, at) => makeFlowOf(target, at, 61_000 + at));
  const perPacket = new PerPacketBalancing(new SteadyPlaces());
  const sees = (at: number, hops: readonly string[]): boolean => {
    const flow = all[at];
    if (flow === undefined) throw new Error("no such flow");
    return perPacket.saw(flow, hops);
  };
  return { perPacket, sees };
}

test("eight flows are swept twice, a ninth is not", () => {
  const { sees } = balancing(9);
  for (let at = 0; at < 8; at += 1) expect(sees(at, LEFT)).toBe(true);
  expect(sees(8, LEFT)).toBe(false);
  expect(sees(0, LEFT)).toBe(false);
});

test("a TTL is told as soon as two flows met two hops there, though others are still to be swept again", () => {
  const { perPacket, sees } = balancing();
  for (let at = 0; at < 8; at += 1) sees(at, LEFT);
  sees(0, RIGHT);
  expect([...perPacket.perPacketTtls(NONE)]).toEqual([]);
  sees(1, RIGHT);
  expect([...perPacket.perPacketTtls(NONE)]).toEqual([2]);
});

test("what was held to be balanced is so until all of the flows were swept twice and show nothing of it", () => {
  const { perPacket, sees } = balancing();
  const before = new Set([2, 3]);
  expect([...perPacket.perPacketTtls(before)]).toEqual([2, 3]);
  for (let at = 0; at < 8; at += 1) sees(at, LEFT);
  for (let at = 0; at < 7; at += 1) sees(at, at < 2 ? RIGHT : LEFT);
  expect([...perPacket.perPacketTtls(before)]).toEqual([2, 3]);
  sees(7, LEFT);
  expect([...perPacket.perPacketTtls(before)]).toEqual([2]);
});
