import { describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { SimulatedExporter } from "../support/simulated-exporter.ts";
import { routerOf, stages } from "../support/staged-routers.ts";
import { invented } from "../support/told-paths.ts";

const BROKEN = "10.1.0.1";
const NETWORKS = [
  { name: "four paths", widths: [1, 4, 1] },
  { name: "twelve paths", widths: [1, 3, 4, 1] },
];
/** Eighty runs on drawn networks, broken at other times too, took at most 59 s. */
const KNOWN_WITHIN_S = 75;

describe("paths of flows that work while others of their target fail", () => {
  for (const { name, widths } of NETWORKS) {
    for (const breaksAt of [0, 5]) {
      test(`are known soon, and none is invented: ${name}, a router broken after ${breaksAt} s`, {
        timeout: 120_000,
      }, () => {
        const network = stages(seeded(printedSeed(name)), widths, [], "incoming");
        const exporter = new SimulatedExporter(network, 1);
        const { engine, targets } = exporter;
        const [target] = targets;
        if (target === undefined) throw new Error("there is one");
        const to = target.target.address.text;
        const topology = () => engine.pathsOf(target).topology;
        const routeOf = ({ sourcePort }: ProbedFlow) => network.route(sourcePort, to);
        const flows = target.flows.filter((flow) => flow !== undefined);
        const working = flows.filter((flow) => !routeOf(flow).includes(BROKEN));
        const there = new Set(working.map((flow) => routeOf(flow).join()));
        const isKnown = () => {
          const told = topology()
            .paths()
            .map(({ hops }) => hops.map((hop) => hop && routerOf(hop)).join());
          return [...there].every((path) => told.includes(path));
        };
        let second = 0;
        for (; second < KNOWN_WITHIN_S && !isKnown(); second += 1) {
          if (second === breaksAt) network.faults.set(BROKEN, "drops after");
          exporter.run(1000);
          expect(invented({ targets, network, topology }, routerOf)).toEqual([]);
        }
        const known = working.filter((flow) => topology().of(flow)?.path !== undefined);
        console.log(`${name}: after ${second} s, ${known.length} of ${working.length} flows`);
        expect(isKnown()).toBe(true);
      });
    }
  }
});
