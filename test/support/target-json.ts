/** A hop by its address, null for a silent one. */
type Hops = readonly (string | null)[];

/** A flow as the API shows it. */
export interface FlowJson {
  readonly bucket: number;
  readonly source_port: number;
  readonly state: string;
  readonly last_result: string;
  readonly last_hop: string;
  readonly path: string | null;
  readonly seen?: Hops;
  readonly rtt_seconds: number | null;
}

/** The target of {@link targetJson}. */
export const VIP = "192.0.2.10";

/** A flow that works along a path. */
export function working(bucket: number, path: string | null): FlowJson {
  const port = { bucket, source_port: 61_000 + bucket };
  return { ...port, state: "up", last_result: "success", last_hop: VIP, path, rtt_seconds: 0.001 };
}

/** A flow that fails; its sweep was answered by these hops, `none` and `unknown` stand for no such sweep. */
export function failing(bucket: number, path: string | null, seen: Hops | string): FlowJson {
  const answered = typeof seen === "string" ? [] : seen;
  const lastHop = typeof seen === "string" ? seen : (answered.findLast((hop) => hop) ?? "none");
  return {
    ...working(bucket, path),
    state: "failing",
    last_result: "timeout",
    last_hop: lastHop,
    rtt_seconds: null,
    ...(typeof seen === "string" ? {} : { seen }),
  };
}

/** A target as the API shows it, with paths of 40 probes for each working flow that takes them. */
export function targetJson(
  paths: Readonly<Record<string, Hops>>,
  flows: readonly FlowJson[],
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    name: "mysql-vip",
    protocol: "tcp",
    address: VIP,
    port: 3306,
    labels: {},
    method: "raw",
    error: null,
    verdict: "healthy",
    reason: "",
    flows,
    paths: Object.entries(paths).map(([id, hops]) => {
      const own = flows.filter(({ path }) => path === id);
      const failures = 40 * own.filter(({ state }) => state === "failing").length;
      return { id, hops, flows: own.length, probes: 40 * own.length, failures };
    }),
    links: [],
    suspects: [] as readonly object[],
    hops: [] as readonly object[],
    nat: null,
    coverage: {
      paths: 2,
      confidence: 0.99,
      per_packet_ttls: [] as number[],
      warning: null as string | null,
    },
    ...more,
  };
}
