import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import type { Reader } from "../config/reader.ts";
import type { Rule } from "../config/rules.ts";
import type { YamlMap, YamlNode } from "../config/yaml-tree.ts";
import { goFlag } from "./go-yaml.ts";
import { TLS_CURVES, TLS_VERSIONS, TLS12_SUITES, TLS13_SUITES } from "./tls-names.ts";

/** What is asked of clients, in Go's words. */
export type ClientAuth =
  | "NoClientCert"
  | "RequestClientCert"
  | "RequireAnyClientCert"
  | "VerifyClientCertIfGiven"
  | "RequireAndVerifyClientCert";

/** Everything a TLS server needs. A new object whenever something in it changed. */
export interface TlsSettings {
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** Names one of which a client's certificate must carry; empty for no such demand. */
  readonly allowedSans: readonly string[];
}

/** Reads a file named in the web configuration; throws as `readFileSync` does. */
export type FileLoader = (path: string) => string;

const KEYS = [
  "cert_file",
  "key_file",
  "cert",
  "key",
  "client_ca_file",
  "client_ca",
  "client_auth_type",
  "client_allowed_sans",
  "min_version",
  "max_version",
  "cipher_suites",
  "prefer_server_cipher_suites",
  "curve_preferences",
];

const CLIENT_AUTH: Readonly<Record<string, ClientAuth>> = {
  NoClientCert: "NoClientCert",
  RequestClientCert: "RequestClientCert",
  RequireAnyClientCert: "RequireAnyClientCert",
  // The name that an older version of the format had for it.
  RequireClientCert: "RequireAnyClientCert",
  VerifyClientCertIfGiven: "VerifyClientCertIfGiven",
  RequireAndVerifyClientCert: "RequireAndVerifyClientCert",
};

const SECTION = "tls_server_config";

const text: Rule<string> = (value) =>
  typeof value === "string" ? { value } : { problem: "must be text" };

/** A word of a table, and what the table says of it. */
function wordOf<T>(table: Readonly<Record<string, T>>): Rule<T> {
  return (value) => {
    const found =
      typeof value === "string" && Object.hasOwn(table, value) ? table[value] : undefined;
    return found === undefined
      ? { problem: `must be one of ${Object.keys(table).join(", ")}` }
      : { value: found };
  };
}

/** Reads the section key by key; every method reports what is wrong and goes on. */
class TlsReader {
  readonly #reader: Reader;
  readonly #map: YamlMap;
  readonly #load: FileLoader;

  constructor(reader: Reader, map: YamlMap, load: FileLoader) {
    this.#reader = reader;
    this.#map = map;
    this.#load = load;
  }

  /** A key with nothing or empty text counts as absent. */
  node(key: string): YamlNode | undefined {
    const node = this.#map.entries.get(key);
    const empty = node?.kind === "scalar" && (node.value === null || node.value === "");
    return empty ? undefined : node;
  }

  value<T>(key: string, rule: Rule<T>): T | undefined {
    const node = this.node(key);
    return node && this.#reader.scalar(node, `${SECTION}.${key}`, rule);
  }

  values<T>(key: string, rule: Rule<T>): T[] {
    const node = this.#map.entries.get(key);
    const list = node && this.#reader.list(node, `${SECTION}.${key}`, true);
    return (list?.items ?? []).flatMap((item, index) => {
      const value = this.#reader.scalar(item, `${SECTION}.${key}[${index}]`, rule);
      return value === undefined ? [] : [value];
    });
  }

  report(key: string, message: string): void {
    const line = this.#map.entries.get(key)?.line ?? this.#map.line;
    this.#reader.reportLine(line, `${SECTION}.${key}`, message);
  }

  /** PEM from KEY_file or, without it, from KEY itself, which no message may show. */
  pem<T>(
    key: string,
    parse: (pem: string) => T,
    kind: string,
  ): { pem: string; parsed: T } | undefined {
    const file = this.value(`${key}_file`, text);
    const inline = this.node(key);
    let pem: string;
    if (file !== undefined) {
      try {
        pem = this.#load(file);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
        this.report(`${key}_file`, `${file}: cannot be read (${code})`);
        return undefined;
      }
    } else if (inline?.kind === "scalar" && typeof inline.value === "string") {
      pem = inline.value;
    } else {
      if (inline !== undefined) this.report(key, "must be text in PEM form");
      return undefined;
    }
    try {
      return { pem, parsed: parse(pem) };
    } catch {
      if (file === undefined) this.report(key, `is not a valid ${kind}`);
      else this.report(`${key}_file`, `${file}: contains no ${kind}`);
      return undefined;
    }
  }

  has(key: string): boolean {
    return this.node(`${key}_file`) !== undefined || this.node(key) !== undefined;
  }
}

function parseCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (blocks === null) throw new Error("no PEM block of a certificate");
  return blocks.map((block) => new X509Certificate(block));
}

/** Certificate and key, of which neither goes without the other. */
function identity(read: TlsReader): { cert: string; key: string } | undefined {
  for (const half of ["cert", "key"]) {
    if (!read.has(half)) read.report(`${half}_file`, `is missing: TLS needs it (or ${half})`);
  }
  const cert = read.pem("cert", parseCertificates, "certificate in PEM form");
  const key = read.pem(
    "key",
    (pem): KeyObject => createPrivateKey(pem),
    "unencrypted private key in PEM form",
  );
  if (cert === undefined || key === undefined) return undefined;
  if (cert.parsed[0]?.checkPrivateKey(key.parsed) === true) return { cert: cert.pem, key: key.pem };
  read.report(
    read.node("key_file") === undefined ? "key" : "key_file",
    "does not belong to the certificate",
  );
  return undefined;
}

/** What is asked of clients, and the authorities that vouch for them. */
function clients(read: TlsReader): Omit<TlsSettings, "context"> & { ca: string | undefined } {
  const clientAuth = read.value("client_auth_type", wordOf(CLIENT_AUTH)) ?? "NoClientCert";
  const ca = read.pem("client_ca", parseCertificates, "certificate in PEM form");
  const allowedSans = read.values("client_allowed_sans", text);
  if (read.has("client_ca") && clientAuth === "NoClientCert") {
    const key = read.node("client_ca_file") === undefined ? "client_ca" : "client_ca_file";
    read.report(key, "has no effect without a client_auth_type that requests certificates");
  }
  if (clientAuth === "RequireAndVerifyClientCert" && !read.has("client_ca")) {
    // Go would take the system's authorities: everybody who ever bought a certificate would be let in.
    read.report(
      "client_auth_type",
      "needs client_ca_file: the authorities whose certificates are trusted",
    );
  }
  if (allowedSans.length > 0 && clientAuth !== "RequireAndVerifyClientCert") {
    // Elsewhere it would guard nothing: a client may leave its certificate out, or write any name into one of its own.
    read.report("client_allowed_sans", "needs client_auth_type RequireAndVerifyClientCert");
  }
  return { clientAuth, ca: ca?.pem, allowedSans };
}

/** OpenSSL's cipher list; undefined leaves its defaults. */
function ciphers(read: TlsReader, minVersion: SecureVersion): string | undefined {
  const known = {
    ...TLS12_SUITES,
    ...Object.fromEntries(TLS13_SUITES.map((name) => [name, name])),
  };
  const asked = read.values("cipher_suites", wordOf(known));
  const old = minVersion === "TLSv1" || minVersion === "TLSv1.1";
  if (asked.length === 0 && !old) return undefined;
  const names = asked.length === 0 ? Object.values(TLS12_SUITES) : asked;
  // OpenSSL 3 speaks the versions before 1.2 at security level 0 only.
  return [...new Set([...TLS13_SUITES, ...names]), ...(old ? ["@SECLEVEL=0"] : [])].join(":");
}

/** Whether the OpenSSL of this Node.js has a curve. */
function hasCurve(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve });
    return true;
  } catch {
    return false;
  }
}

/** OpenSSL's list of curves, without those that it lacks; undefined leaves its defaults. */
function curves(read: TlsReader): string | undefined {
  const asked = read.values("curve_preferences", wordOf(TLS_CURVES));
  const there = asked.filter(hasCurve);
  if (asked.length > 0 && there.length === 0) {
    read.report(
      "curve_preferences",
      `OpenSSL ${process.versions.openssl} of this Node.js has none of these`,
    );
  }
  return there.length === 0 ? undefined : there.join(":");
}

/**
 * Reads the section `tls_server_config` of exporter-toolkit's format.
 * @returns undefined where the section is empty, which means plain HTTP, or has problems, which `reader` then holds
 */
export function readTlsSettings(
  reader: Reader,
  node: YamlNode,
  load: FileLoader,
): TlsSettings | undefined {
  const map = reader.map(node, SECTION, KEYS, true);
  if (map === undefined) return undefined;
  const before = reader.problems.length;
  const read = new TlsReader(reader, map, load);
  if (![...map.entries.keys()].some((key) => read.node(key) !== undefined)) return undefined;
  const pair = identity(read);
  const { ca, clientAuth, allowedSans } = clients(read);
  const minVersion = read.value("min_version", wordOf(TLS_VERSIONS)) ?? "TLSv1.2";
  const maxVersion = read.value("max_version", wordOf(TLS_VERSIONS)) ?? "TLSv1.3";
  if (minVersion > maxVersion) read.report("min_version", "must not be above max_version");
  const cipherList = ciphers(read, minVersion);
  const ecdhCurve = curves(read);
  const honorCipherOrder = read.value("prefer_server_cipher_suites", goFlag) ?? true;
  if (pair === undefined || reader.problems.length > before) return undefined;
  const context: SecureContextOptions = {
    ...pair,
    minVersion,
    maxVersion,
    honorCipherOrder,
    ...(ca === undefined ? {} : { ca }),
    ...(cipherList === undefined ? {} : { ciphers: cipherList }),
    ...(ecdhCurve === undefined ? {} : { ecdhCurve }),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    reader.reportLine(map.line, SECTION, `OpenSSL rejects it: ${reason}`);
    return undefined;
  }
  return { context, clientAuth, allowedSans };
}
