import { Daemon, NEVER } from "./daemon.ts";
import { Findings, type TargetView } from "./findings.ts";
import type { GroundTruth } from "./ground-truth.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import { VIP } from "./topologies.ts";
import type { Topology } from "./topology.ts";

/** Flows of the target. */
export const BUCKETS = 64;
const TARGET = "service";
const CONFIG = {
  probe: { interval: "10s", timeout: "1s", flow_buckets: BUCKETS, rotation: NEVER },
  trace: { survey: NEVER },
  targets: [{ name: TARGET, host: VIP, port: 3306, protocol: "tcp" }],
};

/** A lab with its service and an exporter, taken down whatever happens. */
export async function inLab(
  topology: Topology,
  before: (lab: Lab) => Promise<unknown>,
  run: (lab: Lab, start: () => Promise<[Daemon, Findings]>) => Promise<void>,
): Promise<void> {
  const lab = await Lab.build(topology);
  try {
    await startService(lab, "vip", "tcp", 3306);
    await before(lab);
    await run(lab, async () => {
      const daemon = await Daemon.start(lab, "client", CONFIG);
      return [daemon, new Findings(daemon, TARGET)];
    });
  } finally {
    await lab.destroy();
  }
}

/** Node names of every path the API reports; silent hops stay null. */
export function namedPaths(view: TargetView, truth: GroundTruth): Map<string, (string | null)[]> {
  const named = (hop: string | null) => (hop === null ? null : truth.nameOf(hop));
  return new Map(view.paths.map(({ id, hops }) => [id, hops.map(named)]));
}
