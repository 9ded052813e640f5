import { describe, expect, test } from "vitest";
import { GoneHops } from "../../src/metrics/gone-hops.ts";
import { flowsOf, MetricsRig } from "../support/metrics-rig.ts";

const HOUR_MS = 3_600_000;
const DESTINATION = "198.51.100.2";

describe("last hops", () => {
  test("are gone once they are met no more and nothing was counted for them from one look to the next", () => {
    const gone = new GoneHops();
    const counts = new Map([
      ["silent", 3],
      ["met", 3],
      ["counted", 3],
    ]);
    const look = (now: number): string[] =>
      gone.find(
        now,
        counts.keys(),
        (hop) => counts.get(hop) ?? 0,
        (hop) => hop === "met",
      );
    expect(look(0)).toEqual([]);
    expect(look(HOUR_MS)).toEqual([]);
    counts.set("counted", 4);
    expect(look(2 * HOUR_MS - 1)).toEqual([]);
    expect(look(2 * HOUR_MS)).toEqual(["silent"]);
    expect(look(2 * HOUR_MS + 1)).toEqual([]);
    counts.delete("silent");
    expect(look(3 * HOUR_MS)).toEqual(["counted"]);
  });

  test("that are gone leave their series and their place under the limit to others", async () => {
    const rig = new MetricsRig();
    const target = rig.probe({ flowBuckets: 2 }, 3);
    const [first, second] = flowsOf(target);
    if (first === undefined || second === undefined) throw new Error("no flows");
    rig.known(target).topology.learn(second, ["10.0.0.7", DESTINATION], 0);
    rig.outcome(first, false, "10.0.0.8");
    rig.outcome(second, false, "10.0.0.7");
    for (const flow of [first, second]) rig.outcome(flow, true);
    const hops = async () =>
      Object.keys(await rig.values("ecmp_last_hop_failures_total", "last_hop")).sort();
    expect(await hops()).toEqual(["10.0.0.7", "10.0.0.8", DESTINATION]);
    const { used } = rig.budget;
    for (const _ of [1, 2]) {
      rig.clock.advance(HOUR_MS);
      rig.outcome(first, true);
      await rig.samples();
    }
    expect(await hops()).toEqual(["10.0.0.7", DESTINATION]);
    expect(rig.budget.used).toBe(used - 2);
    rig.outcome(first, false, "10.0.0.9");
    expect(await hops()).toEqual(["10.0.0.7", "10.0.0.9", DESTINATION]);
  });
});
