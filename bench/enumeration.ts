import { Daemon, NEVER } from "../test/lab/daemon.ts";
import type { Lab } from "../test/lab/lab.ts";
import { until } from "../test/lab/processes.ts";
import { VIP } from "../test/lab/topologies.ts";

/** What it took to know the paths of a network. */
export interface Enumeration {
  /** TTL-limited packets that were sent. */
  readonly packets: number;
  /** From the first packet to the end, seconds. */
  readonly seconds: number;
  /** Routers and links of the parallel stages that were found. */
  readonly routers: number;
  readonly links: number;
}

/** What there is to be found: addresses, and `from>to`. */
export interface ParallelStages {
  readonly routers: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

/** Nothing waits longer than this, seconds. */
export const LONGEST_SECONDS = 120;

/** TCP port of the service that is traced. */
export const TRACED_PORT = 3306;

interface View {
  readonly paths: readonly { readonly hops: readonly (string | null)[] }[];
}

/**
 * The exporter with one target of 64 flows, from its start until it knows every link of the parallel stages. Its probes, which it
 * would send anyway, are not counted.
 */
export async function enumerateByExporter(lab: Lab, stages: ParallelStages): Promise<Enumeration> {
  const from = performance.now();
  const daemon = await Daemon.start(lab, "client", {
    probe: { rotation: NEVER },
    targets: [{ name: "service", host: VIP, port: TRACED_PORT, protocol: "tcp" }],
  });
  try {
    let found = { routers: 0, links: 0 };
    const looked = async () => {
      const { paths } = (await daemon.target("service")) as View;
      found = {
        routers: known(
          paths.flatMap(({ hops }) => hops.map(String)),
          stages.routers,
        ),
        links: known(
          paths.flatMap(({ hops }) => hops.map((hop, at) => `${hops[at - 1]}>${hop}`)),
          stages.links,
        ),
      };
      const late = performance.now() - from > LONGEST_SECONDS * 1000;
      return found.links === stages.links.size || late;
    };
    await until(looked, { limitMs: 2000 * LONGEST_SECONDS, everyMs: 250, what: "paths" });
    const seconds = (performance.now() - from) / 1000;
    const packets = (await daemon.metrics()).sum("ecmp_trace_packets_total");
    return { packets, seconds, ...found };
  } finally {
    await daemon.stop();
  }
}

interface Tracelb {
  readonly type?: string;
  readonly probec?: number;
  readonly nodes?: readonly {
    readonly addr?: string;
    readonly links?: readonly (readonly { readonly addr?: string }[])[];
  }[];
}

/** scamper's multipath discovery (MDA) with 95 % confidence, by TCP source ports, as fast as it lets itself be told (a packet every 150 ms). */
export async function enumerateByScamper(lab: Lab, stages: ParallelStages): Promise<Enumeration> {
  const from = performance.now();
  const trace = `tracelb -P tcp-sport -d ${TRACED_PORT} -w 1 -W 15 ${VIP}`;
  const argv = ["scamper", "-O", "json", "-p", "200", "-I", trace];
  const started = lab.spawn("client", ["timeout", String(LONGEST_SECONDS), ...argv]);
  await started.ended();
  const seconds = (performance.now() - from) / 1000;
  const results = started.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Tracelb);
  const { probec, nodes } = results.find(({ type }) => type === "tracelb") ?? {};
  if (probec === undefined || nodes === undefined) {
    throw new Error(`scamper was not done after ${seconds.toFixed(0)} s: ${started.stderr}`);
  }
  // A part between two nodes whose inner links it could not tell apart is one link with all hops in there.
  const ends = nodes.flatMap((node) =>
    (node.links ?? []).flat().map(({ addr }) => ({ from: node.addr, to: `${addr}` })),
  );
  return {
    packets: probec,
    seconds,
    routers: known(
      ends.map(({ to }) => to),
      stages.routers,
    ),
    links: known(
      ends.map(({ from: node, to }) => `${node}>${to}`),
      stages.links,
    ),
  };
}

/** How many of those that there are were named. */
function known(named: readonly string[], there: ReadonlySet<string>): number {
  return new Set(named.filter((one) => there.has(one))).size;
}
