import convict from "convict";
import { METHODS, type ProbeSettings, SERIES_MODES } from "../flow/target.ts";
import {
  cronExpression,
  durationBetween,
  flowLabel,
  oneOf,
  portRange,
  type Rule,
  routerPattern,
  trueOrFalse,
  webAddress,
  wholeNumber,
} from "./rules.ts";
import {
  type ProbeValues,
  RAW_SOCKETS,
  type SectionValues,
  type SettingsValues,
} from "./setting-values.ts";

/** One scalar setting. */
export interface Setting<V = string | number | boolean> {
  /** What it is, its unit and range, and why the default is what it is. */
  readonly doc: string;
  readonly default: V;
  readonly rule: Rule<unknown>;
}

type Section<V> = { readonly [K in keyof V]: Setting<V[K]> };

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** Scalar settings that stand outside the sections. */
export const ROOT_SETTINGS: Section<Omit<SettingsValues, keyof SectionValues>> = {
  raw_sockets: {
    doc: "required: without CAP_NET_RAW the exporter does not start. auto: it then probes TCP by connections. never: it always does.",
    default: "required",
    rule: oneOf(RAW_SOCKETS),
  },
};

/** Every scalar setting by section; those of `probe` can be set on a target as well. */
export const SETTINGS: { readonly [S in keyof SectionValues]: Section<SectionValues[S]> } = {
  probe: {
    interval: {
      doc: "Time between two probes of a flow, 100ms to 1d. 10 s shows a fault to the next scrape at 6 packets a minute and flow.",
      default: "10s",
      rule: durationBetween(100, DAY),
    },
    timeout: {
      doc: "A reply later than this is late; 10ms to 1d, less than the interval. 1 s is beyond any round trip on Earth.",
      default: "1s",
      rule: durationBetween(10, DAY),
    },
    flow_buckets: {
      doc: "Flows at a time, 1 to 1024. 64 flows meet a fault on one of 16 paths with 98 % probability at once.",
      default: 64,
      rule: wholeNumber(1, 1024),
    },
    source_ports: {
      doc: "Ports the flows take, within 1024-65535. The default lies above Linux's ephemeral range 32768-60999.",
      default: "61000-65535",
      rule: portRange,
    },
    rotation: {
      doc: "When every bucket moves on to its next port, a cron expression with seconds. Ten minutes are 60 probes of each port.",
      default: "0 */10 * * * *",
      rule: cronExpression,
    },
    rotation_hold: {
      doc: "A failing flow keeps its port for at most this long, 0s to 365d. 30 m leaves time to trace it and to see it recover.",
      default: "30m",
      rule: durationBetween(0, 365 * DAY),
    },
    dscp: {
      doc: "Differentiated services code point, 0 to 63 (RFC 2474). 0 is best effort, what most services send.",
      default: 0,
      rule: wholeNumber(0, 63),
    },
    flow_label: {
      doc: "IPv6 flow label of a flow: port, one of its own made from the source port, as RFC 6437 asks of hosts, or 0 for none.",
      default: "port",
      rule: flowLabel,
    },
    method: {
      doc: "How TCP is probed. raw: a SYN whose SYN-ACK is reset. connect: a connection of the kernel's, without privilege.",
      default: "raw",
      rule: oneOf(METHODS),
    },
    series: {
      doc: "full: series of every bucket. failing: of buckets that failed in the last hour. paths: of none, only of paths and links.",
      default: "full",
      rule: oneOf(SERIES_MODES),
    },
  },
  trace: {
    max_hops: {
      doc: "Highest TTL of a sweep, 1 to 64. 30 is the customary bound of traceroute.",
      default: 30,
      rule: wholeNumber(1, 64),
    },
    attempts: {
      doc: "Probes of a TTL that stays silent, 1 to 10. Three tell a lost answer from a silent router.",
      default: 3,
      rule: wholeNumber(1, 10),
    },
    survey: {
      doc: "When healthy flows are swept, a cron expression with seconds. Half a minute after each rotation new ports are in use.",
      default: "30 */10 * * * *",
      rule: cronExpression,
    },
    packets_per_second: {
      doc: "All sweeps together, packets a second. 200 is little even where one router answers all of them.",
      default: 200,
      rule: wholeNumber(1, 1_000_000),
    },
    hop_packets_per_second: {
      doc: "Towards one hop, packets a second; at most packets_per_second. Routers police the ICMP errors that they send.",
      default: 10,
      rule: wholeNumber(1, 1_000_000),
    },
  },
  limits: {
    packets_per_second: {
      doc: "Everything sent, packets a second; what does not fit is skipped and counted. 10000 SYNs are about 6 Mbit/s.",
      default: 10_000,
      rule: wholeNumber(1, 10_000_000),
    },
    series: {
      doc: "Series on /metrics, at least 100; past it targets get fewer, the largest first. 200000 take Prometheus about 1 GB.",
      default: 200_000,
      rule: wholeNumber(100, 100_000_000),
    },
    last_hops_per_target: {
      doc: "Values of the last_hop label of one target, 1 to 1024. 32 is twice the widest common group of equal paths.",
      default: 32,
      rule: wholeNumber(1, 1024),
    },
  },
  hops: {
    resolve: {
      doc: "Whether the names of hops are looked up (reverse DNS). Off, since it tells the name servers which routers there are.",
      default: false,
      rule: trueOrFalse,
    },
  },
  routers: {
    name_pattern: {
      doc: "Regular expression over the names of hops whose group called router is the router. Empty: none; else names are looked up.",
      default: "",
      rule: routerPattern,
    },
  },
  web: {
    grafana_url: {
      doc: "Where the bundled Grafana dashboards are; the page links there. Empty: no link.",
      default: "",
      rule: webAddress,
    },
  },
};

/** Keys of sections that hold lists, read apart. */
export const LISTS: Readonly<Record<string, readonly string[]>> = {
  routers: ["files"],
  limits: ["allow_networks"],
};

/** One value that a file or a variable gives; the rule of its key has taken it. */
export interface Given {
  /** `probe.interval` */
  readonly path: string;
  readonly value: string | number | boolean;
}

/** Every scalar setting by its path, `probe.interval`. */
export function settingsByPath(): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>(Object.entries(ROOT_SETTINGS));
  for (const [section, keys] of Object.entries(SETTINGS)) {
    for (const [key, setting] of Object.entries<Setting>(keys)) {
      settings.set(`${section}.${key}`, setting);
    }
  }
  return settings;
}

/** The settings as convict wants them. */
function convictSchema(): convict.Schema<SettingsValues> {
  const schema: Record<string, convict.SchemaObj | Record<string, convict.SchemaObj>> = {};
  for (const [path, { doc, rule, default: value }] of settingsByPath()) {
    const [section = "", key] = path.split(".");
    const format = (given: string | number | boolean): void => {
      const checked = rule(given);
      if ("problem" in checked) throw new Error(checked.problem);
    };
    const setting = { doc, default: value, format };
    schema[section] = key === undefined ? setting : { ...schema[section], [key]: setting };
  }
  return schema as unknown as convict.Schema<SettingsValues>;
}

/**
 * Fills in the defaults. Later values win over earlier ones: give those of the environment last.
 * @throws for a key that does not exist or a value that its rule refuses; callers check first, where they know the line
 */
export function settingsOf(given: readonly Given[]): SettingsValues {
  // Left to itself convict reads process.argv and process.env, and makes the number 9100 of the text "9100abc" where the
  // default is a number. So both are empty here, and values come with the types that the rules have asked for.
  const settings = convict(convictSchema(), { env: {}, args: [] });
  for (const { path, value } of given) settings.set(path, value);
  settings.validate({ allowed: "strict" });
  return settings.getProperties();
}

/** What a rule makes of a value that it has taken before. */
function taken<T>(rule: Rule<T>, value: string): T {
  const checked = rule(value);
  if ("problem" in checked) throw new Error(`${value} ${checked.problem}`);
  return checked.value;
}

const anyDuration = durationBetween(0, Number.MAX_SAFE_INTEGER);

/** Probe settings as the engine uses them. */
export function probeSettings(values: ProbeValues): ProbeSettings {
  return {
    intervalMs: taken(anyDuration, values.interval),
    timeoutMs: taken(anyDuration, values.timeout),
    flowBuckets: values.flow_buckets,
    sourcePorts: taken(portRange, values.source_ports),
    rotation: values.rotation,
    rotationHoldMs: taken(anyDuration, values.rotation_hold),
    dscp: values.dscp,
    flowLabel: values.flow_label,
    method: values.method,
    series: values.series,
  };
}
