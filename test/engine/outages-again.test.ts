import { expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { parallel } from "../support/simulated-routers.ts";

const BROKEN = "10.0.0.3";

/** [interval, broken for, works for], milliseconds. */
const RHYTHMS = [
  [1000, 2000, 8000],
  [1000, 5000, 25_000],
  [2000, 4000, 10_000],
] as const;

test.each(RHYTHMS)(
  "a router that is broken again and again is told from the second time on, between outages as well: every %i ms, broken %i ms, works %i ms",
  (intervalMs, brokenMs, worksMs) => {
    const routers = parallel(5, seeded(printedSeed("again and again")).between(0, 2 ** 31));
    const exporter = new SimulatedExporter(routers, 1, { intervalMs });
    const [target] = exporter.targets;
    if (target === undefined) throw new Error("there is one");
    const told = () => exporter.engine.pathsOf(target).hysteresis.standing;
    exporter.run(60_000);
    for (let outage = 1; outage <= 6; outage += 1) {
      routers.faults.set(BROKEN, "drops after");
      exporter.run(brokenMs);
      routers.faults.delete(BROKEN);
      for (let left = worksMs; left > 0; left -= 1000) {
        exporter.run(1000);
        if (outage < 3) continue;
        expect(told().verdict).toBe("path_loss");
        expect(told().suspects.map(({ from, to }) => [from, to].includes(BROKEN))).toEqual([true]);
      }
    }
    exporter.run(2 * worksMs + 20_000);
    expect(told().verdict).toBe("healthy");
  },
);
