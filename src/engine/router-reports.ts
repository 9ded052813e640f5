import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { HopReport } from "../probe/reply/hop-report.ts";
import type { RouterNames } from "../topology/router-names.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";

/** Hands on what answers tell of routers: the interfaces that they name, and which addresses stand on one way. */
export class RouterReports {
  readonly #pathsOf: (target: ProbedTarget) => Pick<TargetPaths, "topology" | "onPath">;
  readonly #routers: RouterNames;

  /**
   * @param pathsOf what is known of a target's paths
   * @param routers is told
   */
  constructor(
    pathsOf: (target: ProbedTarget) => Pick<TargetPaths, "topology" | "onPath">,
    routers: RouterNames,
  ) {
    this.#pathsOf = pathsOf;
    this.#routers = routers;
  }

  /** A hop answered a packet of the flow. */
  answered(flow: ProbedFlow, report: HopReport, now: number): void {
    this.#pathsOf(flow.target).onPath.add(report, now);
    for (const { role, address, name } of report.interfaces) {
      if (role !== "incoming") continue;
      const incoming = { address: address?.text, name };
      this.#routers.named?.(report.responder.text, incoming, now);
    }
  }

  /** A flow's way was learnt: its addresses may show which of them are one router's. */
  learnt(flow: ProbedFlow, now: number): void {
    const hops = this.#pathsOf(flow.target).topology.of(flow)?.hops;
    if (hops === undefined) return;
    const name = `${flow.target.target.name} ${flow.sourcePort}`;
    this.#routers.learnt?.(name, hops, now);
  }
}
