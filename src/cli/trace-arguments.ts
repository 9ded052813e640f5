import { conflictsOf } from "../config/conflicts.ts";
import { parseDuration } from "../config/duration.ts";
import { oneOf, portRange, type Rule } from "../config/rules.ts";
import { probeSettings, SETTINGS, settingsOf } from "../config/schema.ts";
import { parseTargetFile } from "../config/target-file.ts";
import { familyFlaw } from "../config/targets.ts";
import { PROTOCOLS, type TargetSpec } from "../flow/target.ts";
import { PAYLOAD_HELP, payloadLabels } from "./trace-payload.ts";
import { UsageError } from "./usage-error.ts";

/** Flags that only `trace` has, as `node:util`'s parseArgs wants them. */
export const TRACE_FLAGS = {
  protocol: { type: "string" },
  flows: { type: "string" },
  rounds: { type: "string" },
  timeout: { type: "string" },
  "source-ports": { type: "string" },
  family: { type: "string" },
  payload: { type: "string" },
  all: { type: "boolean" },
  ticket: { type: "boolean" },
  dot: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** What those flags were given. */
export type TraceFlags = {
  readonly [Name in keyof typeof TRACE_FLAGS]?:
    | ((typeof TRACE_FLAGS)[Name]["type"] extends "boolean" ? boolean : string)
    | undefined;
};

/** How the result is printed. `full` is the report with every flow. */
export type TraceFormat = "report" | "full" | "ticket" | "dot" | "json";

/** What `trace` is to do. */
export interface TraceRequest {
  readonly target: TargetSpec;
  /** Every flow is probed at least this often. */
  readonly rounds: number;
  readonly format: TraceFormat;
}

/** Lines of `--help` about them. */
export const TRACE_HELP: string = `Flags of trace:
  --protocol=PROTOCOL         ${PROTOCOLS.join(", ")} (default: tcp); icmp takes a HOST without a port.
  --flows=N                   Source ports to try, 1 to 1024 (default: 64).
  --rounds=N                  Probe every flow at least N times, 1 to 100, to see loss (default: 1).
  --timeout=DURATION          An answer that arrives later counts as lost (default: 1s).
  --source-ports=FIRST-LAST   Where the source ports are taken from (default: 61000-65535).
  --family=FAMILY             ipv4, ipv6 or auto (default): which address of a name is probed.
  --payload=PAYLOAD           What UDP probes say: ${PAYLOAD_HELP}.
  --all                       List every flow, not only as many as fit on a screen.
  --ticket                    Print what a network team needs, as text to paste.
  --dot                       Print the network for Graphviz.
  --json                      Print JSON, as /api/v1/targets/NAME does.
`;

const FORMATS = [
  ["all", "full"],
  ["ticket", "ticket"],
  ["dot", "dot"],
  ["json", "json"],
] as const satisfies readonly (readonly [keyof TraceFlags, TraceFormat])[];

/** A round takes at least this long, milliseconds, and no more than this many probes are sent a second. */
const ROUND_MS = 2000;
const PROBES_PER_SECOND = 100;
const MOST_ROUNDS = 100;

const FAMILIES = ["auto", "ipv4", "ipv6"] as const;

/**
 * Reads what `trace` is to do.
 * @param places what stands behind the command's name: HOST or HOST:PORT
 * @throws {UsageError} for a missing or a wrong value
 */
export function traceRequest(places: readonly string[], flags: TraceFlags): TraceRequest {
  const given = FORMATS.filter(([flag]) => flags[flag] === true);
  const [first, second] = given;
  if (first !== undefined && second !== undefined) {
    throw new UsageError(`--${first[0]} and --${second[0]} exclude each other`);
  }
  const rounds = whole("rounds", flags.rounds ?? "1");
  if (rounds < 1 || rounds > MOST_ROUNDS) {
    throw new UsageError(`--rounds must be between 1 and ${MOST_ROUNDS}, not "${flags.rounds}"`);
  }
  return { target: traceTarget(places, flags), rounds, format: first?.[1] ?? "report" };
}

/**
 * A target with the defaults of the configuration, its interval as short as a gentle round of all flows allows.
 * @throws {UsageError}
 */
function traceTarget(places: readonly string[], flags: TraceFlags): TargetSpec {
  const [place, ...rest] = places;
  if (place === undefined || rest.length > 0) {
    throw new UsageError("trace takes one target, HOST:PORT, or HOST alone for icmp");
  }
  const protocol = taken("protocol", flags.protocol ?? "tcp", oneOf(PROTOCOLS));
  const family = taken("family", flags.family ?? "auto", oneOf(FAMILIES));
  const flowBuckets = whole("flows", flags.flows ?? "64");
  taken("flows", flowBuckets, SETTINGS.probe.flow_buckets.rule);
  const timeout = flags.timeout ?? "1s";
  taken("timeout", timeout, SETTINGS.probe.timeout.rule);
  const timeoutMs = parseDuration(timeout) ?? 0;
  const defaults = probeSettings(settingsOf([]).probe);
  const ports = flags["source-ports"];
  const settings = {
    ...defaults,
    flowBuckets,
    timeoutMs,
    intervalMs: Math.max(
      ROUND_MS,
      2 * timeoutMs,
      Math.ceil((flowBuckets * 1000) / PROBES_PER_SECOND),
    ),
    ...(ports !== undefined && { sourcePorts: taken("source-ports", ports, portRange) }),
  };
  if (conflictsOf(settings).length > 0) {
    const { first, last } = settings.sourcePorts;
    throw new UsageError(
      `--source-ports ${first}-${last} holds fewer ports than --flows, which is ${flowBuckets}`,
    );
  }
  const labels = { __ecmp_protocol__: protocol, ...payloadLabels(flags.payload, protocol) };
  const groups = [{ targets: [place], labels }];
  const { targets, problems } = parseTargetFile("", JSON.stringify(groups), settings);
  const [wrong] = problems;
  if (wrong?.path?.includes(".labels.")) {
    throw new UsageError(`--payload ${wrong.message}, not "${flags.payload}"`);
  }
  const [target] = targets;
  if (target === undefined) {
    throw new UsageError(`"${place}" ${wrong?.message ?? "cannot be probed"}`);
  }
  const spec = { ...target.spec, family };
  const flaw = familyFlaw(spec);
  if (flaw !== undefined) throw new UsageError(`--family ${flaw}`);
  return spec;
}

function whole(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new UsageError(`--${flag} must be a whole number, not "${text}"`);
  }
  return Number(text);
}

function taken<Value>(flag: string, value: string | number, rule: Rule<Value>): Value {
  const checked = rule(value);
  if ("problem" in checked) throw new UsageError(`--${flag} ${checked.problem}, not "${value}"`);
  return checked.value;
}
