// The files that exporter-toolkit keeps for its own tests (0.17.1, web/testdata), one by one: what each of them asks for, said
// anew with other names and certificates. Where the toolkit starts, this starts; where it refuses, this refuses, but for what
// is written beside a file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError } from "../../src/config/problem.ts";
import { WebConfigFile } from "../../src/http/web-config-file.ts";
import { makeAuthority, makeCertificate } from "../support/certificates.ts";

const directory = mkdtempSync(join(tmpdir(), "ecmp-toolkit-"));
const authority = makeAuthority(directory, "ca");
const pair = makeCertificate(directory, "own", authority, "DNS:localhost", "rsa");
writeFileSync(join(directory, "none.pem"), "-----BEGIN CERTIFICATE-----\nnot one\n");
afterAll(() => rmSync(directory, { recursive: true }));

/** A bcrypt hash of that cost. */
const hash = (cost: number) => `$2y$${cost}$T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.`;
const inline = (key: string, path: string) =>
  `${key}: |\n    ${readFileSync(path, "utf8").trimEnd().replaceAll("\n", "\n    ")}`;
const CERT = "cert_file: own.crt";
const KEY = "key_file: own.key";
const GIVEN = "client_auth_type: VerifyClientCertIfGiven";
const REQUIRED = "client_auth_type: RequireAndVerifyClientCert";
const CA = "client_ca_file: ca.crt";
const TLS12_ONLY = ["min_version: TLS12", "max_version: TLS12"];

/** The section `tls_server_config` with these lines. */
const tls = (...lines: string[]) => `tls_server_config:\n  ${lines.join("\n  ")}\n`;
/** The same, with certificate and key. */
const served = (...lines: string[]) => tls(CERT, KEY, ...lines);
const list = (key: string, ...items: string[]) => `${key}: [${items.join(", ")}]`;
const users = (...costs: number[]) =>
  `basic_auth_users:\n${costs.map((cost, at) => `  user${at}: ${hash(cost)}\n`).join("")}`;
const headers = (...lines: string[]) =>
  `http_server_config:\n  headers:\n    ${lines.join("\n    ")}\n`;
const limit = (interval: string, burst: number) =>
  `rate_limit:\n  interval: ${interval}\n  burst: ${burst}\n`;

const SECURE_SUITES = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"];
const ECDHE_SUITES = ["AES_128_CBC_SHA", "AES_256_CBC_SHA", ...SECURE_SUITES].flatMap((suite) => [
  `TLS_ECDHE_ECDSA_WITH_${suite}`,
  `TLS_ECDHE_RSA_WITH_${suite}`,
]);
const RSA_SUITES = [
  "AES_128_CBC_SHA",
  "AES_256_CBC_SHA",
  "AES_128_GCM_SHA256",
  "AES_256_GCM_SHA384",
];
const ALL_SUITES = [
  ...ECDHE_SUITES,
  ...SECURE_SUITES.map((suite) => `TLS_${suite}`),
  ...RSA_SUITES.map((suite) => `TLS_RSA_WITH_${suite}`),
];
const [GCM_128, GCM_256] = [
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
];

/** Writes a file and opens it as the server does. @returns what is wrong with it; undefined where it starts */
function problemOf(text: string): string | undefined {
  const path = join(directory, "web.yml");
  writeFileSync(path, text);
  try {
    new WebConfigFile(path);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe("where exporter-toolkit starts, this starts", () => {
  test.each([
    ["web_config_empty.yml", ""],
    ["web_config_noAuth.good.yml", served(GIVEN)],
    [
      "tls_config_noAuth.requireanyclientcert.good.yml",
      served("client_auth_type: RequireAnyClientCert", CA),
    ],
    [
      "tls_config_noAuth.requireanyclientcertkeyinline.good.yml",
      tls(CERT, inline("key", pair.key), "client_auth_type: RequireAnyClientCert"),
    ],
    ["tls_config_noAuth.requireandverifyclientcert.good.yml", served(REQUIRED, CA)],
    [
      "web_config_auth_client_san.good.yaml",
      served(REQUIRED, CA, list("client_allowed_sans", "a", "own", "b")),
    ],
    // It starts; who has none of the names is refused later.
    [
      "web_config_auth_client_san.bad.yaml",
      served(REQUIRED, CA, list("client_allowed_sans", "else")),
    ],
    [
      "web_config_noAuth_tlsInline.good.yml",
      tls(inline("cert", pair.cert), inline("key", pair.key), GIVEN),
    ],
    ["web_config_noAuth_allCiphers.good.yml", served(GIVEN, list("cipher_suites", ...ALL_SUITES))],
    [
      "web_config_noAuth_someCiphers.good.yml",
      served(GIVEN, list("cipher_suites", GCM_128, GCM_256), ...TLS12_ONLY),
    ],
    [
      "web_config_noAuth_someCiphers_noOrder.good.yml",
      served(
        GIVEN,
        list("cipher_suites", GCM_256, GCM_128),
        "prefer_server_cipher_suites: false",
        ...TLS12_ONLY,
      ).replaceAll(": ", " : "),
    ],
    [
      "web_config_noAuth_allCurves.good.yml",
      served(
        GIVEN,
        list(
          "curve_preferences",
          "CurveP256",
          "CurveP384",
          "CurveP521",
          "X25519",
          "X25519MLKEM768",
        ),
      ),
    ],
    [
      "web_config_noAuth_someCurves.good.yml",
      served(GIVEN, "min_version: TLS13", list("curve_preferences", "CurveP521")),
    ],
    [
      "web_config_noAuth_noHTTP2.good.yml",
      `${served(GIVEN, list("cipher_suites", GCM_256), "max_version: TLS12")}http_server_config:\n  http2: false\n`,
    ],
    [
      "web_config_headers.good.yml",
      headers(
        "X-Frame-Options: deny",
        "X-Content-Type-Options: nosniff",
        "X-XSS-Protection: 1",
        "Strict-Transport-Security: max-age=86400; includeSubDomains",
        "Content-Security-Policy: \"default-src 'self' *.example.org\"",
      ),
    ],
    ["web_config_users.good.yml", served() + users(12, 18, 10, 10)],
    ["web_config_users_noTLS.good.yml", users(12, 14, 10, 10)],
    ["web_config_rate_limiter_nonblocking.yaml", limit("0", 0)],
    ["web_config_rate_limiter_one_second.yaml", limit('"1s"', 0)],
    ["web_config_rate_limiter_headers.yaml", limit("2h", 1) + headers("X-Frame-Options: deny")],
  ])("%s", (_file, text) => {
    expect(problemOf(text)).toBeUndefined();
  });
});

describe("where exporter-toolkit refuses, this refuses, and says why", () => {
  test.each([
    ["web_config_junk.yml", "nonsense", "nonsense: must be a mapping"],
    ["web_config_junk_key.yml", tls("cert_fle: own.crt"), "cert_fle: is not a known key"],
    [
      "web_config_noAuth_certPath_empty.bad.yml",
      tls('cert_file: ""', KEY),
      "cert_file: is missing",
    ],
    ["web_config_noAuth_cert_empty.bad.yml", tls('cert: ""', KEY), "cert_file: is missing"],
    ["web_config_noAuth_keyPath_empty.bad.yml", tls(CERT, 'key_file: ""'), "key_file: is missing"],
    ["web_config_noAuth_key_empty.bad.yml", tls(CERT, 'key: ""'), "key_file: is missing"],
    [
      "web_config_noAuth_certPath_keyPath_empty.bad.yml",
      tls('cert_file: ""', 'key_file: ""', "client_auth_type: y"),
      "cert_file: is missing",
    ],
    [
      "web_config_noAuth_certPath_invalid.bad.yml",
      tls("cert_file: gone", KEY),
      "cannot be read (ENOENT)",
    ],
    [
      "web_config_noAuth_keyPath_invalid.bad.yml",
      tls(CERT, "key_file: gone"),
      "cannot be read (ENOENT)",
    ],
    [
      "web_config_noAuth_certPath_keyPath_invalid.bad.yml",
      tls("cert_file: gone", "key_file: gone"),
      "cannot be read (ENOENT)",
    ],
    [
      "web_config_noAuth.bad.yml",
      served("client_ca_file: /dev/null"),
      "has no effect without a client_auth_type",
    ],
    [
      "web_config_auth_clientCAs_invalid.bad.yml",
      served("client_ca_file: gone"),
      "cannot be read (ENOENT)",
    ],
    [
      "web_config_auth_clientCAs_nocerts.bad.yml",
      served(REQUIRED, "client_ca_file: none.pem"),
      "contains no certificate",
    ],
    [
      "web_config_auth_clientCAsText_nocerts.bad.yml",
      served(REQUIRED, "client_ca: no certificate at all"),
      "client_ca: is not a valid certificate",
    ],
    [
      "web_config_auth_client_san_no_client_auth.bad.yaml",
      served(list("client_allowed_sans", "a")),
      "client_allowed_sans: needs",
    ],
    [
      "web_config_auth_client_san_optional_cert.bad.yaml",
      served(GIVEN, CA, list("client_allowed_sans", "a")),
      "client_allowed_sans: needs",
    ],
    [
      "web_config_auth_user_list_invalid.bad.yml",
      `${served()}basic_auth_users:\n  jane: roe\n`,
      "is not a bcrypt hash",
    ],
    [
      "web_config_noAuth_inventedCiphers.bad.yml",
      served(GIVEN, list("cipher_suites", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA1024")),
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA1024: must be one of",
    ],
    [
      "web_config_noAuth_inventedCurves.bad.yml",
      served(GIVEN, list("curve_preferences", "CurveP255")),
      "CurveP255: must be one of",
    ],
    [
      "web_config_noAuth_wrongTLSVersion.bad.yml",
      served(GIVEN, "min_version: TLS14"),
      "TLS14: must be one of",
    ],
    [
      "web_config_headers_content_type_options.bad.yml",
      headers("X-Content-Type-Options: none"),
      "must be nosniff",
    ],
    [
      "web_config_headers_frame_options.bad.yml",
      headers("X-Frame-Options: none"),
      "must be deny or sameorigin",
    ],
    [
      "web_config_headers_extra_header.bad.yml",
      headers("Content-Type: none"),
      "Content-Type: is not a known key",
    ],
  ])("%s", (_file, text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});

describe("where this differs, the difference guards somebody or there is nothing to refuse", () => {
  test("web_config_noAuth.good.blocking.yml: verified clients need authorities; the public ones would let everybody in", () => {
    expect(problemOf(served(REQUIRED))).toContain("client_auth_type: needs client_ca_file");
  });

  test("names in certificates that nobody verifies guard nothing: the toolkit takes them with RequireAnyClientCert", () => {
    const text = served("client_auth_type: RequireAnyClientCert", list("client_allowed_sans", "a"));
    expect(problemOf(text)).toContain("client_allowed_sans: needs");
  });

  test("web_config_noAuth_noHTTP2Cipher.bad.yml: HTTP/2 is not spoken here, so that its suites are not needed", () => {
    const suites = list("cipher_suites", "TLS_RSA_WITH_AES_128_CBC_SHA");
    expect(problemOf(served(GIVEN, suites, "max_version: TLS12"))).toBeUndefined();
  });
});
