import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { PathAttribution } from "../topology/path-attribution.ts";
import type { FlowWindow } from "../verdict/flow-window.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";
import type { Observers } from "./engine-observer.ts";

/** Reads what the outcomes of probes will need, of several flows side by side, before they are told one after the other; see `lookAhead`. */
export class LookAhead {
  readonly #pathsOf: (target: ProbedTarget) => TargetPaths;
  readonly #attribution: PathAttribution;
  readonly #observers: Observers;
  #looked = 0;

  constructor(
    pathsOf: (target: ProbedTarget) => TargetPaths,
    attribution: PathAttribution,
    observers: Observers,
  ) {
    this.#pathsOf = pathsOf;
    this.#attribution = attribution;
    this.#observers = observers;
  }

  /** Outcomes of these flows come next. One kind of thing after the other: what leads to the next is there by then. */
  look(flows: readonly ProbedFlow[]): void {
    const paths: TargetPaths[] = [];
    for (const { target } of flows) paths.push(this.#pathsOf(target));
    let looked = 0;
    const windows: (FlowWindow | undefined)[] = [];
    for (const [at, { bucket }] of flows.entries()) windows.push(paths[at]?.windows.latest(bucket));
    for (const { topology, evidence } of paths) looked += topology.glance() + evidence.lastAt;
    for (const window of windows) looked += window?.glance() ?? 0;
    for (const [at, flow] of flows.entries()) looked += paths[at]?.topology.of(flow)?.open ? 1 : 0;
    for (const flow of flows) looked += this.#attribution.glance(flow);
    this.#looked += looked;
    this.#observers.onExpected(flows);
  }
}
