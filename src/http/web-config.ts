import { validateHeaderValue } from "node:http";
import { ConfigError } from "../config/problem.ts";
import { Reader } from "../config/reader.ts";
import type { Rule } from "../config/rules.ts";
import { parseYaml, type YamlMap, type YamlNode } from "../config/yaml-tree.ts";
import type { RateLimit } from "../probe/token-bucket.ts";
import { isBcryptHash, type Users } from "./basic-auth.ts";
import { goFlag, goText } from "./go-yaml.ts";
import { type FileLoader, readTlsSettings, type TlsSettings } from "./tls-settings.ts";

/** What `--web.config.file` says, in the format of Prometheus's exporter-toolkit. */
export interface WebConfig {
  /** Undefined for plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Whether HTTP/2 was asked for in so many words. */
  readonly http2Wanted: boolean;
  /** Sent with every response. */
  readonly headers: ReadonlyMap<string, string>;
  /** Empty for no authentication. */
  readonly users: Users;
  /** Undefined for no limit. */
  readonly rateLimit: RateLimit | undefined;
}

/** The headers that may be set, and their values where only some make sense. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "Content-Security-Policy": [],
  "X-Frame-Options": ["deny", "sameorigin"],
  "X-Content-Type-Options": ["nosniff"],
  "X-XSS-Protection": [],
  "Strict-Transport-Security": [],
};

/** Milliseconds of Go's units of time (package time, ParseDuration). */
const GO_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const goDuration: Rule<number> = (value) => {
  if (value === 0 || value === "0") return { value: 0 };
  const parts = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(String(value))
    ? [...String(value).matchAll(/([\d.]+)([a-zµ]+)/g)]
    : [];
  if (parts.length === 0) return { problem: 'must be a duration such as "1s" or "100ms"' };
  return {
    value: parts.reduce(
      (sum, [, count, unit = ""]) => sum + Number(count) * (GO_UNITS[unit] ?? 0),
      0,
    ),
  };
};

const burstSize: Rule<number> = (value) =>
  typeof value === "number" && Number.isInteger(value) && value >= 0
    ? { value }
    : { problem: "must be a whole number, 0 or more" };

function headerRule(name: string): Rule<string> {
  return (given) => {
    const text = goText(given);
    if ("problem" in text) return text;
    const { value } = text;
    const allowed = HEADERS[name] ?? [];
    if (allowed.length > 0 && !allowed.includes(value)) {
      return { problem: `must be ${allowed.join(" or ")}` };
    }
    try {
      validateHeaderValue(name, value);
    } catch {
      return { problem: "contains characters that are not allowed in a header" };
    }
    return { value };
  };
}

function section(
  reader: Reader,
  root: YamlMap,
  name: string,
  keys: readonly string[] | "any",
): YamlMap | undefined {
  const node = root.entries.get(name);
  return node && reader.map(node, name, keys, true);
}

function readHeaders(reader: Reader, node: YamlNode | undefined): Map<string, string> {
  const headers = new Map<string, string>();
  const path = "http_server_config.headers";
  const map = node && reader.map(node, path, Object.keys(HEADERS), true);
  for (const [name, valueNode] of map?.entries ?? []) {
    if (!Object.hasOwn(HEADERS, name)) continue;
    const value = reader.scalar(valueNode, `${path}.${name}`, headerRule(name));
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

function readUsers(reader: Reader, map: YamlMap | undefined): Map<string, string> {
  const users = new Map<string, string>();
  for (const [user, node] of map?.entries ?? []) {
    const hash = node.kind === "scalar" && typeof node.value === "string" ? node.value : "";
    if (isBcryptHash(hash)) users.set(user, hash);
    // Never with the value: it may be a password written here by mistake.
    else
      reader.reportLine(
        node.line,
        `basic_auth_users.${user}`,
        "is not a bcrypt hash: make one with htpasswd -nBC 10 NAME",
      );
  }
  return users;
}

function readRateLimit(reader: Reader, map: YamlMap | undefined): RateLimit | undefined {
  if (map === undefined) return undefined;
  const interval = map.entries.get("interval");
  const burst = map.entries.get("burst");
  const intervalMs = interval && reader.scalar(interval, "rate_limit.interval", goDuration);
  const size = burst && reader.scalar(burst, "rate_limit.burst", burstSize);
  return intervalMs === undefined || intervalMs === 0
    ? undefined
    : { intervalMs, burst: size ?? 0 };
}

/**
 * Reads and checks a whole web configuration, the certificates and keys it names included.
 * @param file names the file in the problems
 * @param load reads a file named in it
 * @throws ConfigError with everything that is wrong
 */
export function parseWebConfig(file: string, text: string, load: FileLoader): WebConfig {
  const tree = parseYaml(file, text);
  if ("problems" in tree) throw new ConfigError(tree.problems);
  const reader = new Reader(file);
  const keys = ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"];
  const root = reader.map(tree.root, "", keys, true) ?? {
    kind: "map",
    line: 1,
    entries: new Map<string, YamlNode>(),
  };
  const tlsNode = root.entries.get("tls_server_config");
  const tls = tlsNode && readTlsSettings(reader, tlsNode, load);
  const http = section(reader, root, "http_server_config", ["http2", "headers"]);
  const http2 = http?.entries.get("http2");
  const config: WebConfig = {
    tls,
    http2Wanted: (http2 && reader.scalar(http2, "http_server_config.http2", goFlag)) ?? false,
    headers: readHeaders(reader, http?.entries.get("headers")),
    users: readUsers(reader, section(reader, root, "basic_auth_users", "any")),
    rateLimit: readRateLimit(reader, section(reader, root, "rate_limit", ["interval", "burst"])),
  };
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return config;
}
