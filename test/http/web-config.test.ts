import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError } from "../../src/config/problem.ts";
import { parseWebConfig, type WebConfig } from "../../src/http/web-config.ts";
import { makeAuthority, makeCertificate } from "../support/certificates.ts";

const HASH = "$2b$04$T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.";

const directory = mkdtempSync(join(tmpdir(), "ecmp-web-"));
const authority = makeAuthority(directory, "ca");
const server = makeCertificate(directory, "server", authority, "DNS:localhost");
makeCertificate(directory, "other", authority, "DNS:other");
writeFileSync(join(directory, "junk.pem"), "junk\n");
afterAll(() => rmSync(directory, { recursive: true }));

function parse(text: string): WebConfig {
  return parseWebConfig("web.yml", text, (path) => readFileSync(resolve(directory, path), "utf8"));
}

/** What is wrong with a file. */
function complaint(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "nothing is wrong";
}

/** Indents a PEM text as a YAML block. */
function block(path: string): string {
  return readFileSync(path, "utf8").trimEnd().replaceAll("\n", "\n    ");
}

const TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

describe("good files", () => {
  test.each([
    "",
    "# nothing\n",
    "{}",
    "tls_server_config:\n",
    "tls_server_config: {}\nbasic_auth_users: {}\nhttp_server_config:\n  headers:\nrate_limit:\n",
    'tls_server_config:\n  cert_file: ""\n  client_auth_type: ""\n',
  ])("%j is plain HTTP without users", (text) => {
    const config = parse(text);
    expect(config).toEqual({
      tls: undefined,
      http2Wanted: false,
      headers: new Map(),
      users: new Map(),
      rateLimit: undefined,
    });
  });

  test("truth values may be those of YAML 1.1, and a number is the text of a header", () => {
    const text = (word: string) => `http_server_config:\n  http2: ${word}\n`;
    expect(["yes", "On", "true"].map((word) => parse(text(word)).http2Wanted)).toEqual([
      true,
      true,
      true,
    ]);
    expect(["no", "Off", "false"].map((word) => parse(text(word)).http2Wanted)).toEqual([
      false,
      false,
      false,
    ]);
    const headers = "http_server_config:\n  headers:\n    X-XSS-Protection: 0\n";
    expect([...parse(headers).headers]).toEqual([["X-XSS-Protection", "0"]]);
    expect(parse(`${TLS}  prefer_server_cipher_suites: no`).tls?.context.honorCipherOrder).toBe(
      false,
    );
  });

  test("certificates are taken from files and inline; the file wins", () => {
    expect(parse(TLS).tls?.context).toMatchObject({
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.3",
      honorCipherOrder: true,
    });
    const inline = `tls_server_config:\n  cert: |\n    ${block(server.cert)}\n  key: |\n    ${block(server.key)}\n`;
    expect(parse(inline).tls?.context.cert).toBe(readFileSync(server.cert, "utf8"));
    expect(
      parse(`${inline}  cert_file: other.crt\n  key_file: other.key\n`).tls?.context.cert,
    ).toBe(readFileSync(join(directory, "other.crt"), "utf8"));
  });

  test("names of Go become names of OpenSSL; suites of TLS 1.3 are always offered", () => {
    const { tls } = parse(
      `${TLS}  min_version: TLS12\n  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n  curve_preferences: [X25519, CurveP256]\n  prefer_server_cipher_suites: false\n`,
    );
    expect(tls?.context).toMatchObject({
      ciphers:
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256",
      ecdhCurve: "X25519:P-256",
      maxVersion: "TLSv1.2",
      honorCipherOrder: false,
    });
  });

  test("users, headers and the limit are read", () => {
    const config = parse(
      `basic_auth_users:\n  alice: ${HASH}\nhttp_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=1\nrate_limit:\n  interval: 1m0.5s\n  burst: 7\n`,
    );
    expect(config.users).toEqual(new Map([["alice", HASH]]));
    expect(config.http2Wanted).toBe(true);
    expect(config.headers).toEqual(
      new Map([
        ["X-Frame-Options", "deny"],
        ["Strict-Transport-Security", "max-age=1"],
      ]),
    );
    expect(config.rateLimit).toEqual({ intervalMs: 60_500, burst: 7 });
  });

  test.each(["0", "0s", '"0"'])("an interval of %s is no limit", (interval) => {
    expect(parse(`rate_limit: { interval: ${interval}, burst: 1 }`).rateLimit).toBeUndefined();
  });
});

describe("bad files", () => {
  test.each([
    [
      "text",
      "web.yml:1: junk: must be a mapping with tls_server_config, http_server_config, basic_auth_users, …",
      "junk",
    ],
    [
      "a list",
      "web.yml:1: a list: must be a mapping with tls_server_config, http_server_config, basic_auth_users, …",
      "- a",
    ],
    [
      "a section that is not known",
      "web.yml:1: tls_config: is not a known key: known here: tls_server_config, http_server_config, basic_auth_users, rate_limit",
      "tls_config: {}",
    ],
    [
      "a key that is not known",
      "web.yml:4: tls_server_config.min_versions: is not a known key: did you mean min_version or max_version?",
      `${TLS}  min_versions: TLS12`,
    ],
    [
      "no key",
      "web.yml:1: tls_server_config.key_file: is missing: TLS needs it (or key)",
      "tls_server_config:\n  cert_file: server.crt",
    ],
    [
      "no certificate",
      "web.yml:1: tls_server_config.cert_file: is missing: TLS needs it (or cert)",
      "tls_server_config:\n  key_file: server.key",
    ],
    [
      "an empty key",
      "web.yml:3: tls_server_config.key_file: is missing: TLS needs it (or key)",
      'tls_server_config:\n  cert_file: server.crt\n  key_file: ""',
    ],
    [
      "a certificate that is not there",
      "web.yml:2: tls_server_config.cert_file: none.crt: cannot be read (ENOENT)",
      "tls_server_config:\n  cert_file: none.crt\n  key_file: server.key",
    ],
    [
      "a certificate that is none",
      "web.yml:2: tls_server_config.cert_file: junk.pem: contains no certificate in PEM form",
      "tls_server_config:\n  cert_file: junk.pem\n  key_file: server.key",
    ],
    [
      "a key that is none",
      "web.yml:3: tls_server_config.key_file: server.crt: contains no unencrypted private key in PEM form",
      "tls_server_config:\n  cert_file: server.crt\n  key_file: server.crt",
    ],
    [
      "an inline key that is none, unshown",
      "web.yml:3: tls_server_config.key: is not a valid unencrypted private key in PEM form",
      "tls_server_config:\n  cert_file: server.crt\n  key: secret",
    ],
    [
      "the key of another certificate",
      "web.yml:3: tls_server_config.key_file: does not belong to the certificate",
      "tls_server_config:\n  cert_file: server.crt\n  key_file: other.key",
    ],
    [
      "a policy that is not known",
      "web.yml:4: tls_server_config.client_auth_type: Always: must be one of NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert",
      `${TLS}  client_auth_type: Always`,
    ],
    [
      "authorities without a policy",
      "web.yml:4: tls_server_config.client_ca_file: has no effect without a client_auth_type that requests certificates",
      `${TLS}  client_ca_file: ca.crt`,
    ],
    [
      "authorities that are none",
      "web.yml:4: tls_server_config.client_ca_file: junk.pem: contains no certificate in PEM form",
      `${TLS}  client_ca_file: junk.pem\n  client_auth_type: RequireAndVerifyClientCert`,
    ],
    [
      "a policy that verifies by nobody",
      "web.yml:4: tls_server_config.client_auth_type: needs client_ca_file: the authorities whose certificates are trusted",
      `${TLS}  client_auth_type: RequireAndVerifyClientCert`,
    ],
    [
      "names asked of certificates that nobody verifies",
      "web.yml:5: tls_server_config.client_allowed_sans: needs client_auth_type RequireAndVerifyClientCert",
      `${TLS}  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]`,
    ],
    [
      "a version that is not known",
      "web.yml:4: tls_server_config.min_version: TLS111: must be one of TLS10, TLS11, TLS12, TLS13",
      `${TLS}  min_version: TLS111`,
    ],
    [
      "versions the wrong way round",
      "web.yml:4: tls_server_config.min_version: must not be above max_version",
      `${TLS}  min_version: TLS13\n  max_version: TLS12`,
    ],
    [
      "a curve that is not known",
      "web.yml:4: tls_server_config.curve_preferences[0]: CurveP257: must be one of CurveP256, CurveP384, CurveP521, X25519, X25519MLKEM768",
      `${TLS}  curve_preferences: [CurveP257]`,
    ],
    [
      "curves that are no list",
      'web.yml:4: tls_server_config.curve_preferences: X25519: must be a list: begin every item with "- "',
      `${TLS}  curve_preferences: X25519`,
    ],
    [
      "a header that may not be set",
      "web.yml:3: http_server_config.headers.X-Custom: is not a known key: known here: Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security",
      "http_server_config:\n  headers:\n    X-Custom: a",
    ],
    [
      "a header's value that there is not",
      "web.yml:3: http_server_config.headers.X-Frame-Options: allow: must be deny or sameorigin",
      "http_server_config:\n  headers:\n    X-Frame-Options: allow",
    ],
    [
      "a header of two lines",
      'web.yml:3: http_server_config.headers.Content-Security-Policy: "a\\nb": contains characters that are not allowed in a header',
      'http_server_config:\n  headers:\n    Content-Security-Policy: "a\\nb"',
    ],
    [
      "http2 that is no truth value",
      "web.yml:1: http_server_config.http2: 2: must be true or false",
      "http_server_config: { http2: 2 }",
    ],
    [
      "a password in the clear, unshown",
      "web.yml:2: basic_auth_users.alice: is not a bcrypt hash: make one with htpasswd -nBC 10 NAME",
      "basic_auth_users:\n  alice: secret",
    ],
    [
      "a hash too short, unshown",
      "web.yml:2: basic_auth_users.alice: is not a bcrypt hash: make one with htpasswd -nBC 10 NAME",
      `basic_auth_users:\n  alice: ${HASH.slice(0, -1)}`,
    ],
    [
      "users that are a list",
      "web.yml:1: basic_auth_users: a list: must be a mapping",
      "basic_auth_users: [a]",
    ],
    [
      "an interval without a unit",
      'web.yml:1: rate_limit.interval: 5: must be a duration such as "1s" or "100ms"',
      "rate_limit: { interval: 5, burst: 1 }",
    ],
    [
      "a burst below 0",
      "web.yml:1: rate_limit.burst: -1: must be a whole number, 0 or more",
      "rate_limit: { interval: 1s, burst: -1 }",
    ],
    [
      "a key twice",
      "web.yml:2: rate_limit: is given twice, first on line 1: keep one",
      "rate_limit: {}\nrate_limit: {}",
    ],
  ])("%s", (_name, message, text) => {
    expect(complaint(text)).toBe(message);
  });

  test("a suite that is not known is named, and those that are", () => {
    expect(() => parse(`${TLS}  cipher_suites: [TLS_NULL]`)).toThrow(
      /^web\.yml:4: tls_server_config\.cipher_suites\[0\]: TLS_NULL: must be one of TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .*TLS_CHACHA20_POLY1305_SHA256$/,
    );
  });

  test("everything that is wrong is said at once", () => {
    expect(
      complaint(
        `${TLS}  min_version: a\nbasic_auth_users:\n  alice: b\nrate_limit:\n  interval: c\n`,
      ),
    ).toBe(
      [
        "web.yml:4: tls_server_config.min_version: a: must be one of TLS10, TLS11, TLS12, TLS13",
        "web.yml:6: basic_auth_users.alice: is not a bcrypt hash: make one with htpasswd -nBC 10 NAME",
        'web.yml:8: rate_limit.interval: c: must be a duration such as "1s" or "100ms"',
      ].join("\n"),
    );
  });
});
