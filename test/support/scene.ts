import type { FlowEvidence, HopAddress, LocalizeCase } from "../../src/localize/case.ts";
import { readCounts } from "../../src/localize/counts.ts";
import type { FaultLocation } from "../../src/localize/fault-location.ts";
import { findLocations } from "../../src/localize/fault-locations.ts";
import { HypothesisSet } from "../../src/localize/hypothesis-set.ts";
import { Kinship } from "../../src/localize/kinship.ts";
import { atOnce as finish } from "../../src/localize/localize.ts";
import { layRoutes } from "../../src/localize/routes.ts";
import type { Scene } from "../../src/localize/scene.ts";
import type { SharedKnowledge } from "../../src/localize/shared-fault.ts";

/** The destination of the flows that {@link flow} makes. */
export const TO = "t";

/** A flow over hops of one letter each (`.`: silent), to the destination; null for one whose way is not known. */
export function flow(
  hops: string | null,
  failures: number,
  probes: number,
  more: Partial<FlowEvidence> = {},
): FlowEvidence {
  const path = hops === null ? null : [...hopsOf(hops), TO];
  const rest = { seen: [], last_hop: "unknown", streak: failures === probes ? failures : 0 };
  return { bucket: 0, source_port: 1, path, probes, failures, ...rest, ...more };
}

/** Hops of one letter each; `.` for a silent one. */
export function hopsOf(letters: string): HopAddress[] {
  return [...letters].map((letter) => (letter === "." ? null : letter));
}

/** Flows laid over their network, with all places that may be at fault, and an empty set of hypotheses. */
export function sceneOf(
  flows: readonly FlowEvidence[],
  paths: SharedKnowledge["paths"] = [],
): { scene: Scene; locations: FaultLocation[]; set: HypothesisSet } {
  const input: LocalizeCase = { target: TO, flows, known_links: [] };
  const { network, routes, gap } = finish(layRoutes(input, { faults: [], paths }));
  const counts = readCounts(flows, routes);
  const scene = { input, network, routes, counts, kinship: new Kinship(network, {}), gap };
  const missing = routes.map(({ beyondLast }) => beyondLast?.missing ?? 0);
  const set = new HypothesisSet(counts, missing, 0.0005, gap);
  return { scene, locations: finish(findLocations(scene)), set };
}

/** The location of a kind that is one hop, by its letter; of a link its far end. Of links that the same flows cross there is one, the first. */
export function locationAt(
  { scene, locations }: ReturnType<typeof sceneOf>,
  kind: FaultLocation["kind"],
  hop: string,
): FaultLocation {
  const found = locations.find(
    (each) => each.kind === kind && scene.network.hops[each.hops[0] ?? 0]?.address === hop,
  );
  if (found === undefined) throw new Error(`no ${kind} at ${hop}`);
  return found;
}

export { finish };
