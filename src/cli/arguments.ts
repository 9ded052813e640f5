import { parseArgs } from "node:util";
import { Networks } from "../config/networks.ts";
import { parseListenAddress } from "../http/listen-address.ts";
import { isTelemetryPath } from "../http/telemetry-path.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../log.ts";
import { refuseStrayFlags } from "./flag-owners.ts";
import {
  TRACE_FLAGS,
  TRACE_HELP,
  type TraceFlags,
  type TraceRequest,
  traceRequest,
} from "./trace-arguments.ts";
import { UsageError } from "./usage-error.ts";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" | "version" }
  | { readonly kind: "check-config" | "doctor"; readonly file: string }
  | (TraceRequest & {
      readonly kind: "trace";
      readonly receiver: "auto" | "raw";
      readonly logLevel: LogLevel;
      readonly logFormat: LogFormat;
    })
  | {
      readonly kind: "serve";
      readonly file: string;
      readonly listenAddress: string;
      readonly telemetryPath: string;
      readonly webConfigFile: string | undefined;
      readonly receiver: "auto" | "raw";
      readonly logLevel: LogLevel;
      readonly logFormat: LogFormat;
    }
  | {
      readonly kind: "reflect";
      readonly listen: readonly string[];
      readonly allow: readonly string[];
      readonly packetsPerSecond: number;
      readonly webListenAddress: string;
      readonly telemetryPath: string;
      readonly webConfigFile: string | undefined;
      readonly logLevel: LogLevel;
      readonly logFormat: LogFormat;
    };

const COMMANDS: readonly string[] = ["serve", "trace", "check-config", "doctor", "reflect"];

const FLAGS = {
  "config.file": { type: "string", default: "config/ecmp-exporter.yml" },
  "web.listen-address": { type: "string" },
  "web.telemetry-path": { type: "string", default: "/metrics" },
  "web.config.file": { type: "string" },
  receiver: { type: "string", default: "auto" },
  listen: { type: "string", multiple: true },
  allow: { type: "string", multiple: true },
  rate: { type: "string", default: "1000" },
  "log.level": { type: "string" },
  "log.format": { type: "string", default: "logfmt" },
  version: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
  ...TRACE_FLAGS,
} as const;

/** The text of `--help`. */
export const HELP: string = `Usage: ecmp-exporter [serve] [flags]
       ecmp-exporter trace HOST[:PORT] [flags]
       ecmp-exporter check-config [FILE]
       ecmp-exporter doctor [FILE]
       ecmp-exporter reflect --allow=NETWORK [flags]

Commands:
  serve                       Probe the configured targets; serve metrics, API and page (the default).
  trace HOST[:PORT]           Probe one target from many source ports, once, and say which paths fail.
  check-config [FILE]         Check a configuration and print what would run.
  doctor [FILE]               Look, without sending, at what would spoil probes on this host.
  reflect                     Answer STAMP probes, so that an exporter can tell forward from return loss.

Flags:
  --config.file=FILE          Configuration file (default: config/ecmp-exporter.yml).
  --web.listen-address=ADDR   Address to listen on (default: :10190; reflect: :10191).
  --web.telemetry-path=PATH   Path of the metrics (default: /metrics).
  --web.config.file=FILE      TLS and basic authentication, in exporter-toolkit's format.
  --receiver=auto|raw         raw: receive through raw sockets even if a packet ring is available.
  --listen=ADDR               reflect: UDP address to listen on, repeatable (default: :862).
  --allow=NETWORK             reflect: network or address whose requests are answered, repeatable; required.
  --rate=N                    reflect: answers per second to one source address (default: 1000).
  --log.level=LEVEL           debug, info, warn or error (default: info; trace: error).
  --log.format=FORMAT         logfmt or json (default: logfmt).
  --version                   Print the version.
  -h, --help                  Print this text.

${TRACE_HELP}`;

/**
 * Reads the arguments behind the command's name.
 * @throws {UsageError} for an unknown flag or command, a missing or a wrong value
 */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals, given } = parse(args);
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  // Values are checked whichever command they stand with: none is passed over in silence.
  const flags = {
    receiver: oneOf("receiver", values.receiver, ["auto", "raw"]),
    logLevel: oneOf("log.level", values["log.level"] ?? "info", LOG_LEVELS),
    logFormat: oneOf("log.format", values["log.format"], LOG_FORMATS),
    telemetryPath: telemetryPath(values["web.telemetry-path"]),
    webConfigFile: values["web.config.file"],
  };
  const webListen = values["web.listen-address"];
  const address = webListen === undefined ? undefined : listenAddress(webListen);
  const [command = "serve", ...rest] = positionals;
  if (!COMMANDS.includes(command)) {
    throw new UsageError(
      `unknown command "${command}"; the commands are serve, trace, check-config, doctor and reflect`,
    );
  }
  refuseStrayFlags(command, given);
  if (command === "trace") {
    const { receiver, logFormat } = flags;
    // Its answer goes to the terminal; only what keeps it from one is worth a line beside it.
    const logLevel = values["log.level"] === undefined ? "error" : flags.logLevel;
    return { kind: "trace", ...traceRequest(rest, values), receiver, logLevel, logFormat };
  }
  if (command === "check-config" || command === "doctor") {
    if (rest.length > 1)
      throw new UsageError(`${command} takes one file, not "${rest[1]}" as well`);
    if (rest.length === 1 && given.includes("config.file")) {
      throw new UsageError(`${command} takes FILE or --config.file, not both`);
    }
    return { kind: command, file: rest[0] ?? values["config.file"] };
  }
  if (rest.length > 0) throw new UsageError(`unexpected argument "${rest[0]}"`);
  if (command === "reflect") {
    return {
      kind: "reflect",
      webListenAddress: address ?? ":10191",
      ...flags,
      ...reflectFlags(values),
    };
  }
  return {
    kind: "serve",
    file: values["config.file"],
    listenAddress: address ?? ":10190",
    ...flags,
  };
}

/** What the command reflect needs beside the common flags. */
function reflectFlags({ listen, allow = [], rate }: Values): {
  readonly listen: readonly string[];
  readonly allow: readonly string[];
  readonly packetsPerSecond: number;
} {
  if (allow.length === 0) {
    throw new UsageError(
      "reflect needs --allow: the networks whose requests are answered, such as --allow=192.0.2.0/24",
    );
  }
  try {
    new Networks(allow);
  } catch (error) {
    throw new UsageError(`--allow: ${error instanceof Error ? error.message : String(error)}`);
  }
  const packetsPerSecond = /^\d{1,7}$/.test(rate) ? Number(rate) : 0;
  if (packetsPerSecond < 1) {
    throw new UsageError(`--rate must be a whole number from 1 to 9999999, not "${rate}"`);
  }
  return { listen: (listen ?? [":862"]).map(listenAddress), allow, packetsPerSecond };
}

type Values = TraceFlags & {
  [Name in Exclude<keyof typeof FLAGS, keyof TraceFlags>]: (typeof FLAGS)[Name] extends {
    type: "boolean";
  }
    ? boolean
    : (typeof FLAGS)[Name] extends { multiple: true }
      ? readonly string[] | undefined
      : (typeof FLAGS)[Name] extends { default: string }
        ? string
        : string | undefined;
};

/** @returns beside the values, defaults included, the names of the flags that were given */
function parse(args: readonly string[]): {
  values: Values;
  positionals: string[];
  given: string[];
} {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      options: FLAGS,
      allowPositionals: true,
      tokens: true,
    });
    const given = tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
    return { values: values as Values, positionals, given };
  } catch (error) {
    // Node adds advice on how to write arguments behind the first sentence.
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError((text.split(/\.\s/)[0] ?? text).replace(/\.$/, ""));
  }
}

function oneOf<Value extends string>(
  flag: string,
  value: string,
  allowed: readonly Value[],
): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag} must be one of ${allowed.join(", ")}, not "${value}"`);
}

function telemetryPath(text: string): string {
  if (isTelemetryPath(text)) return text;
  throw new UsageError(`--web.telemetry-path must be a path such as /metrics, not "${text}"`);
}

/** An address that can be listened on, as it was written. */
function listenAddress(text: string): string {
  try {
    parseListenAddress(text);
    return text;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
