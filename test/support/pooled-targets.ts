import type { FlowEvidence, HopAddress, LocalizeCase } from "../../src/localize/case.ts";
import { FlowPool } from "../../src/localize/flow-pool.ts";
import { type Localization, localize } from "../../src/localize/localize.ts";
import type { SharedKnowledge } from "../../src/localize/shared-fault.ts";
import type { Random } from "./random.ts";

/** Targets behind the same parallel routers, each with a rack of its own, and what is broken. */
export interface PooledTargets {
  readonly targets: number;
  readonly routers: number;
  readonly flows: number;
  /** Parallel routers, from 1, that drop whatever crosses them. */
  readonly broken: readonly number[];
  /** Whether a broken router drops before it answers an expired probe, or after. */
  readonly answers: boolean;
  /** Targets whose own endpoint drops half of their flows. */
  readonly endpoints: readonly number[];
  /** Of how many failing flows in all the sweeps are known. */
  readonly traced: number;
  /** Of how many targets the paths of healthy flows are known. */
  readonly surveyed: number;
}

/** One target's case, and which of its flows meet the broken routers. */
export interface PooledTarget {
  readonly input: LocalizeCase;
  readonly name: string;
}

/** Draws the flows of every target. Flows are spread by chance; a failing one has failed five times in a row. */
export function drawTargets(layout: PooledTargets, random: Random): PooledTarget[] {
  const drawn = Array.from({ length: layout.targets }, (_, index) => ({
    address: `198.51.${index >> 8}.${index & 255}`,
    ways: Array.from({ length: layout.flows }, () => ({
      router: random.between(1, layout.routers),
      host: layout.endpoints.includes(index) && random.chance(0.5),
    })),
    rack: `10.2.${index >> 8}.${index & 255}`,
  }));
  const failing = drawn.flatMap(({ ways }) =>
    ways.filter(({ router, host }) => layout.broken.includes(router) || host),
  );
  const traced = new Set<unknown>();
  while (traced.size < Math.min(layout.traced, failing.length)) traced.add(random.pick(failing));
  return drawn.map(({ address, ways, rack }, index) => {
    const flows = ways.map((way, bucket): FlowEvidence => {
      const path: HopAddress[] = ["10.0.0.1", `10.1.0.${way.router}`, rack, address];
      const dies = layout.broken.includes(way.router) ? (layout.answers ? 2 : 1) : way.host ? 3 : 4;
      const seen = dies < 4 && traced.has(way) ? path.slice(0, dies) : [];
      return {
        bucket,
        source_port: 61_000 + bucket,
        path: index < layout.surveyed ? path : null,
        seen,
        last_hop: seen.at(-1) ?? "unknown",
        probes: 25,
        failures: dies < 4 ? 5 : 0,
        streak: dies < 4 ? 5 : 0,
      };
    });
    return { name: `t${index}`, input: { target: address, flows, known_links: [] } };
  });
}

/** Explains the flows of all targets together, then each target's with what they have in common. */
export function localizeTogether(targets: readonly PooledTarget[]): {
  readonly shared: SharedKnowledge;
  readonly found: readonly Localization[];
} {
  const pool = new FlowPool<PooledTarget>();
  for (const target of targets) pool.put(target, target.input);
  const steps = pool.explain();
  let step = steps.next();
  while (!step.done) step = steps.next();
  const shared = step.value;
  return { shared, found: targets.map(({ input }) => localize(input, shared)) };
}
