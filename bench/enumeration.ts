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
  /** Links of the parallel stages that were found, of those that there are. */
  readonly found: number;
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
 * @param links `from>to`, those of the parallel stages
 */
export async function enumerateByExporter(
  lab: Lab,
  links: ReadonlySet<string>,
): Promise<Enumeration> {
  const from = performance.now();
  const daemon = await Daemon.start(lab, "client", {
    probe: { rotation: NEVER },
    targets: [{ name: "service", host: VIP, port: TRACED_PORT, protocol: "tcp" }],
  });
  try {
    let found = 0;
    const looked = async () => {
      const { paths } = (await daemon.target("service")) as View;
      const crossed = paths.flatMap(({ hops }) => hops.map((hop, at) => `${hops[at - 1]}>${hop}`));
      found = new Set(crossed.filter((link) => links.has(link))).size;
      const late = performance.now() - from > LONGEST_SECONDS * 1000;
      return found === links.size || late;
    };
    await until(looked, { limitMs: 2000 * LONGEST_SECONDS, everyMs: 250, what: "paths" });
    const seconds = (performance.now() - from) / 1000;
    const packets = (await daemon.metrics()).sum("ecmp_trace_packets_total");
    return { packets, seconds, found };
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
export async function enumerateByScamper(
  lab: Lab,
  links: ReadonlySet<string>,
): Promise<Enumeration> {
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
  const crossed = nodes.flatMap((node) =>
    (node.links ?? []).flat().map(({ addr }) => `${node.addr}>${addr}`),
  );
  return { packets: probec, seconds, found: new Set(crossed.filter((l) => links.has(l))).size };
}
