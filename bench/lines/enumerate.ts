import { Lab } from "../../test/lab/lab.ts";
import { startService } from "../../test/lab/services.ts";
import { story, twoStage } from "../../test/lab/topologies.ts";
import type { Topology } from "../../test/lab/topology.ts";
import {
  type Enumeration,
  enumerateByExporter,
  enumerateByScamper,
  LONGEST_SECONDS,
  type ParallelStages,
  TRACED_PORT,
} from "../enumeration.ts";
import type { Effort, Line, Row } from "../line.ts";
import { isInstalled } from "../programs.ts";
import { median } from "../statistics.ts";

const OPTIONS = { hostAccess: ["client"] };

/** A network of parallel paths. */
interface Case {
  readonly what: string;
  readonly topology: Topology;
  /** Routers, of which each has a link to each of the next list. */
  readonly layers: readonly [near: readonly string[], far: readonly string[]];
}

/** How the paths of 4, 8, 16 and 3 x 4 become known: packets, time, links, beside scamper's multipath discovery in the same network. */
export const ENUMERATE: Line = {
  name: "enumerate",
  about:
    "enumeration of 4, 8, 16 and 3 x 4 paths beside scamper's tracelb, with and without ICMP limits",
  limitMinutes: 30,
  run: measure,
};

/** All of this mostly waits for routers, so that networks stand side by side. */
async function measure({ quick }: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  const cases = quick ? [parallel(4)] : [parallel(4), parallel(8), parallel(16), meshed(3, 4)];
  for (const limited of [true, false]) {
    rows.push(...(await Promise.all(cases.map((each) => enumerate(each, limited, quick ? 1 : 3)))));
  }
  return rows;
}

function parallel(paths: number): Case {
  const middle = Array.from({ length: paths }, (_, at) => `r${at + 2}`);
  const topology = story(paths, OPTIONS);
  return { what: `${paths} paths`, topology, layers: [["r1"], middle] };
}

function meshed(first: number, second: number): Case {
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`);
  return {
    what: `${first} x ${second} paths`,
    topology: twoStage(first, second, OPTIONS),
    layers: [names("a", first), names("b", second)],
  };
}

async function enumerate(
  { what, topology, layers: [near, far] }: Case,
  limited: boolean,
  rounds: number,
): Promise<Row> {
  const lab = await Lab.build(topology);
  try {
    await startService(lab, "vip", "tcp", TRACED_PORT);
    if (!limited) {
      const routers = [...topology.nodes.values()].filter(({ router }) => router);
      for (const { name } of routers) {
        await lab.exec(name, ["sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"]);
      }
    }
    const stages = {
      // Where there is one router before the stage, it is no part of it.
      routers: new Set([...(near.length > 1 ? near : []), ...far].map((name) => lab.address(name))),
      links: new Set(
        near.flatMap((from) => far.map((to) => `${lab.address(from)}>${lab.address(to)}`)),
      ),
    };
    const own: Enumeration[] = [];
    const scamper: Enumeration[] = [];
    for (let round = 0; round < rounds; round += 1) {
      if (isInstalled("scamper")) scamper.push(await enumerateByScamper(lab, stages));
      own.push(await enumerateByExporter(lab, stages));
    }
    const limits = limited ? "Linux's ICMP limits" : "no ICMP limits";
    const found = Math.min(...own.map(({ links }) => links));
    return {
      what: `enumeration of ${what}, ${limits}`,
      measured: told(own, stages),
      beside: scamper.length > 0 ? `scamper tracelb ${told(scamper, stages)}` : "no scamper",
      bound: `all links in ${LONGEST_SECONDS} s`,
      kept: found === stages.links.size,
    };
  } finally {
    await lab.destroy();
  }
}

function told(runs: readonly Enumeration[], { routers, links }: ParallelStages): string {
  const packets = median(runs.map((run) => run.packets));
  const seconds = median(runs.map((run) => run.seconds));
  const least = (found: "routers" | "links") => Math.min(...runs.map((run) => run[found]));
  return `${packets} packets, ${seconds.toFixed(1)} s, ${least("routers")} of ${routers.size} routers, ${least("links")} of ${links.size} links`;
}
