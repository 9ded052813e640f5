import { expect, test } from "vitest";
import { HopsByTtl } from "../../src/topology/hops-by-ttl.ts";

test("tells by TTL which hops surveys have met within the last hour", () => {
  const met = new HopsByTtl();
  met.add(["10.0.0.1", "10.0.0.3", null], 0);
  met.add(["10.0.0.1", "10.0.0.2", "10.0.0.9"], 3_000_000);
  const both = { "10.0.0.2": 0, "10.0.0.3": 0 };
  expect(met.at([2, 3, 4], 3_000_000)).toEqual({ 2: both, 3: { "10.0.0.9": 0 }, 4: {} });
  expect(met.at([2], 3_700_000)).toEqual({ 2: { "10.0.0.2": 0 } });
});

test("counts the sweeps of failing flows that each has answered within the last minute", () => {
  const met = new HopsByTtl();
  met.add(["10.0.0.1", "10.0.0.3"], 0);
  met.addFailing(["10.0.0.1", "10.0.0.2"], 1000);
  met.addFailing(["10.0.0.1", "10.0.0.2"], 50_000);
  met.addFailing(["10.0.0.1", null], 60_000);
  expect(met.at([2], 60_000)).toEqual({ 2: { "10.0.0.2": 2, "10.0.0.3": 0 } });
  expect(met.at([2], 100_000)).toEqual({ 2: { "10.0.0.2": 1, "10.0.0.3": 0 } });
});
