import { parseDuration } from "../config/duration.ts";
import type { Rule } from "../config/rules.ts";
import { probeSettings, SETTINGS, settingsOf } from "../config/schema.ts";
import { parseTargetFile } from "../config/target-file.ts";
import { PROTOCOLS, type TargetSpec } from "../flow/target.ts";
import { UsageError } from "./usage-error.ts";

/** Flags that only `trace` has, as `node:util`'s parseArgs wants them. */
export const TRACE_FLAGS = {
  protocol: { type: "string" },
  flows: { type: "string" },
  timeout: { type: "string" },
  json: { type: "boolean" },
} as const;

/** What those flags were given. */
export interface TraceFlags {
  readonly protocol?: string | undefined;
  readonly flows?: string | undefined;
  readonly timeout?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Lines of `--help` about them. */
export const TRACE_HELP: string = `Flags of trace:
  --protocol=PROTOCOL         ${PROTOCOLS.join(", ")} (default: tcp); icmp takes a HOST without a port.
  --flows=N                   Source ports to try, 1 to 1024 (default: 64).
  --timeout=DURATION          An answer that arrives later counts as lost (default: 1s).
  --json                      Print JSON, as /api/v1/targets/NAME does.
`;

/** A round takes at least this long, milliseconds, and no more than this many probes are sent a second. */
const ROUND_MS = 2000;
const PROBES_PER_SECOND = 100;

/**
 * Reads what `trace` is to probe: a target with the defaults of the configuration, its interval as short as a gentle
 * round of all flows allows.
 * @param places what stands behind the command's name: HOST or HOST:PORT
 * @throws {UsageError} for a missing or a wrong value
 */
export function traceTarget(places: readonly string[], flags: TraceFlags): TargetSpec {
  const [place, ...rest] = places;
  if (place === undefined || rest.length > 0) {
    throw new UsageError("trace takes one target, HOST:PORT, or HOST alone for icmp");
  }
  const { protocol = "tcp", timeout = "1s" } = flags;
  if (!PROTOCOLS.some((known) => known === protocol)) {
    throw new UsageError(`--protocol must be one of ${PROTOCOLS.join(", ")}, not "${protocol}"`);
  }
  // A number, unless it cannot be one: the rule then says what is wrong with the text.
  const { flows: text = "64" } = flags;
  const flows = /^\d+$/.test(text) ? Number(text) : text;
  check("flows", flows, SETTINGS.probe.flow_buckets.rule);
  check("timeout", timeout, SETTINGS.probe.timeout.rule);
  const timeoutMs = parseDuration(timeout) ?? 0;
  const defaults = probeSettings(settingsOf([]).probe);
  const intervalMs = Math.max(
    ROUND_MS,
    2 * timeoutMs,
    Math.ceil((Number(flows) * 1000) / PROBES_PER_SECOND),
  );
  const groups = [{ targets: [place], labels: { __ecmp_protocol__: protocol } }];
  const { targets, problems } = parseTargetFile("", JSON.stringify(groups), {
    ...defaults,
    flowBuckets: Number(flows),
    timeoutMs,
    intervalMs,
  });
  const [target] = targets;
  if (target === undefined) {
    throw new UsageError(`"${place}" ${problems[0]?.message ?? "cannot be probed"}`);
  }
  return target.spec;
}

/** @throws {UsageError} where one of trace's flags was given to another command */
export function refuseTraceFlags(flags: TraceFlags): void {
  for (const name of Object.keys(TRACE_FLAGS) as (keyof TraceFlags)[]) {
    if (flags[name] !== undefined) throw new UsageError(`--${name} is a flag of trace`);
  }
}

function check(flag: string, value: string | number, rule: Rule<unknown>): void {
  const checked = rule(value);
  if ("problem" in checked) throw new UsageError(`--${flag} ${checked.problem}, not "${value}"`);
}
