import { expect, test } from "vitest";
import type { ProbedFlow } from "../../../src/probe/probed-flow.ts";
import { LatestFlows } from "../../../src/probe/reply/latest-flows.ts";

const [A, B] = [{}, {}] as ProbedFlow[];

test("the latest packets are known by their timestamps, and older ones make room", () => {
  if (A === undefined || B === undefined) throw new Error("no flows");
  const latest = new LatestFlows();
  expect(latest.of(1)).toBeUndefined();
  latest.sent(A, 0xffff_ffff);
  latest.sent(B, 1);
  expect([latest.of(0xffff_ffff), latest.of(1)]).toEqual([A, B]);
  latest.sent(A, 1 + 8192);
  expect(latest.of(1)).toBe(A);
});
