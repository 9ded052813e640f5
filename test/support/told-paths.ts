import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import type { Topology } from "../../src/topology/topology.ts";
import type { SimulatedRouters } from "./simulated-routers.ts";

/** Targets behind simulated routers, and what is told of each. */
export interface Told {
  readonly targets: readonly ProbedTarget[];
  readonly network: SimulatedRouters;
  topology(target: ProbedTarget): Topology;
}

/**
 * Names a router's addresses after the router: `10.2.7.3`, met behind another one, is 10.2.0.3. Routers that packets of
 * one flow take turns over have one name.
 */
export type RouterOf = (address: string) => string;

/**
 * Hops and paths that are told of a target and that none of its flows takes, a line each. A hop that is not known is no
 * lie.
 */
export function invented(told: Told, routerOf: RouterOf): string[] {
  const lies: string[] = [];
  for (const target of told.targets) {
    const to = target.target.address.text;
    const topology = told.topology(target);
    const flows = target.flows.filter((flow): flow is ProbedFlow => flow !== undefined);
    const routes = flows.map((flow) => told.network.route(flow.sourcePort, to));
    const isTrue = (hops: readonly (string | null)[], route: readonly string[]): boolean =>
      hops.length === route.length &&
      hops.every((hop, at) => hop === null || routerOf(hop) === routerOf(route[at] ?? ""));
    for (const [index, flow] of flows.entries()) {
      const hops = topology.of(flow)?.hops;
      if (hops === undefined || isTrue(hops, routes[index] ?? [])) continue;
      lies.push(
        `${to} port ${flow.sourcePort}: ${hops.join(" ")}, not ${routes[index]?.join(" ")}`,
      );
    }
    for (const { hops } of topology.paths()) {
      if (!routes.some((route) => isTrue(hops, route))) lies.push(`${to}: path ${hops.join(" ")}`);
    }
  }
  return lies;
}
