import { describe, expect, it } from "vitest";
import { render } from "../../src/metrics/exposition.ts";
import { ProbeMetrics } from "../../src/metrics/probe-metrics.ts";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";
import { TargetPaths } from "../../src/verdict/target-paths.ts";
import { parseExposition } from "../support/exposition-parser.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { readTargets } from "../support/read-samples.ts";
import { makeTarget } from "../support/target.ts";

describe("a new configuration", () => {
  it("limits the last hops of targets that stay as they are, and takes none away", async () => {
    const rig = new ProberRig(() => []);
    const target = makeTarget({ flowBuckets: 1 });
    const probed = rig.add(target);
    const [flow] = flowsOf(probed);
    if (flow === undefined) throw new Error("no flow");
    const budget = new SeriesBudget(1000);
    const view = {
      lastHopOf: () => "none",
      pathsOf: () => new TargetPaths(0),
      tellAnswers: () => {},
    };
    const now = { probed: () => probed, view };
    const metrics = new ProbeMetrics(rig.clock, budget, now, () => {});
    const hops = async () => {
      const body = await render(readTargets(metrics.families(), metrics.series()), "text");
      const family = parseExposition(body.toString(), "text").find(
        ({ name }) => name === "ecmp_last_hop_probes_total",
      );
      const pairs = (family?.samples ?? []).map(({ labels, value }) => [labels["last_hop"], value]);
      return Object.fromEntries(pairs) as Record<string, number>;
    };

    metrics.setTargets([target], 2);
    for (const hop of ["h1", "h2", "h3"]) metrics.lastHop(flow, hop, 1, 1);
    expect(await hops()).toEqual({ h1: 1, h2: 1, other: 1 });
    metrics.setTargets([target], 3);
    for (const hop of ["h3", "h4"]) metrics.lastHop(flow, hop, 1, 1);
    expect(await hops()).toEqual({ h1: 1, h2: 1, h3: 1, other: 2 });
    metrics.setTargets([target], 1);
    for (const hop of ["h3", "h5"]) metrics.lastHop(flow, hop, 1, 1);
    expect(await hops()).toEqual({ h1: 1, h2: 1, h3: 2, other: 3 });
  });
});
