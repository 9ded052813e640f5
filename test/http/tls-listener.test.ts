import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectPlainly } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/http/server.ts";
import { silentLog } from "../../src/log.ts";
import { type Certificate, makeAuthority, makeCertificate } from "../support/certificates.ts";
import { httpParts, scratchDirectory, startedServer } from "../support/http-parts.ts";
import { rawRequest } from "../support/raw-request.ts";
import { identity, presenting, serverWith, TlsClient } from "../support/tls-server.ts";

const certificates = mkdtempSync(join(tmpdir(), "ecmp-tls-"));
afterAll(() => rmSync(certificates, { recursive: true }));
const ca = makeAuthority(certificates, "ca");
const strangers = makeAuthority(certificates, "strangers");
const own = makeCertificate(certificates, "server", ca, "IP:127.0.0.1,DNS:localhost");
const next = makeCertificate(certificates, "next", ca, "IP:127.0.0.1");
const rsa = makeCertificate(certificates, "rsa", ca, "IP:127.0.0.1", "rsa");
const client = makeCertificate(certificates, "client", ca, "DNS:scraper.example");

const trusting = new TlsClient(ca);
const served: TlsClient["served"] = (...asked) => trusting.served(...asked);

describe("TLS", () => {
  test("serves its certificate, also to clients that name no host, and survives clients that speak plainly", async () => {
    const { url } = await serverWith(identity(own));
    expect(url).toMatch(/^https:/);
    expect(await trusting.fetch(url)).toMatchObject({ status: 200, subject: "server" });
    const plain = await rawRequest(url, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(plain).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(plain).toMatch(/\r\n\r\nThis port speaks HTTPS: use https:\/\/ in the URL\.\n$/);
    const silent = connectPlainly(Number(new URL(url).port), "127.0.0.1");
    silent.on("error", () => {});
    silent.write("\x16\x03\x01\x02\x00\x01\x00");
    expect(await served(url)).toBe(true);
    silent.destroy();
  });

  test("clients that do not trust it stay away", async () => {
    const { url } = await serverWith(identity(own));
    await expect(trusting.fetch(url, { ca: readFileSync(strangers.cert) })).rejects.toThrow(
      /certificate/,
    );
  });

  test.each([
    ["", "TLSv1.3", "TLSv1.3"],
    ["  max_version: TLS12\n", "TLSv1.3", "TLSv1.2"],
    ["  min_version: TLS13\n", "TLSv1.2", "refused"],
    ["", "TLSv1.1", "refused"],
    ["  min_version: TLS11\n", "TLSv1.1", "TLSv1.1"],
    ["  min_version: TLS10\n", "TLSv1", "TLSv1"],
  ] as const)("with %j a client of %s is answered in %s", async (lines, highest, spoken) => {
    const { url } = await serverWith(identity(own) + lines);
    const protocol = await new Promise((resolve) => {
      const socket = connect({
        ...{ host: "127.0.0.1", port: Number(new URL(url).port), ca: readFileSync(ca.cert) },
        ...{ minVersion: "TLSv1", maxVersion: highest, ciphers: "DEFAULT@SECLEVEL=0" },
      });
      socket.on("error", () => resolve("refused"));
      socket.on("secureConnect", () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
    });
    expect(protocol).toBe(spoken);
  });

  test.each([
    [own, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", true],
    [own, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", false],
    [rsa, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA", true],
    [rsa, "TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256", true],
  ])("suite %# %s", async (certificate, offered, ciphers, meets) => {
    const { url } = await serverWith(
      `${identity(certificate)}  max_version: TLS12\n  cipher_suites: [${offered}]\n`,
    );
    expect(await served(url, { ciphers })).toBe(meets);
  });

  test.each([
    ["CurveP521", "P-521", true],
    ["CurveP384", "X25519", false],
    ["X25519", "X25519", true],
  ])("a server of %s and a client of %s meet: %s", async (offered, ecdhCurve, meets) => {
    const { url } = await serverWith(`${identity(own)}  curve_preferences: [${offered}]\n`);
    expect(await served(url, { ecdhCurve })).toBe(meets);
  });
});

test("a handshake that fails is in the log, with what OpenSSL calls it, and a client that hangs up is not", async () => {
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (...line: unknown[]) => warnings.push(line) };
  const { url } = await serverWith(`${identity(own)}  min_version: TLS13\n`, log);
  const silent = connectPlainly(Number(new URL(url).port), "127.0.0.1");
  silent.end("\x16\x03\x01\x02\x00\x01\x00");
  expect(await served(url, { maxVersion: "TLSv1.2" })).toBe(false);
  await expect(trusting.fetch(url, { ca: readFileSync(strangers.cert) })).rejects.toThrow();
  await rawRequest(url, "GET / HTTP/1.1\r\n\r\n");
  const said = (reason: string, code?: string) => [
    "TLS client refused",
    { peer: "127.0.0.1", reason, code },
  ];
  await expect
    .poll(() => warnings)
    .toEqual([
      said("the handshake failed", "ERR_SSL_UNSUPPORTED_PROTOCOL"),
      said("it speaks plain HTTP, not HTTPS"),
    ]);
});

describe("rotation", () => {
  test("a new certificate is served from the next connection on, whether the file named or the naming file changes", async () => {
    const directory = scratchDirectory();
    const files = { cert: join(directory, "a.crt"), key: join(directory, "a.key") };
    const put = ({ cert, key }: Certificate): void => {
      for (const [from, to] of [
        [cert, files.cert],
        [key, files.key],
      ] as const) {
        writeFileSync(`${to}.new`, readFileSync(from));
        renameSync(`${to}.new`, to);
      }
    };
    put(own);
    const { url, file } = await serverWith(identity(files));
    expect((await trusting.fetch(url)).subject).toBe("server");
    put(next);
    expect((await trusting.fetch(url)).subject).toBe("next");
    writeFileSync(file, identity(rsa));
    expect((await trusting.fetch(url)).subject).toBe("rsa");
  });

  test("while the files are broken connections are refused, afterwards they are served again", async () => {
    const { url, file } = await serverWith(identity(own));
    expect(await served(url)).toBe(true);
    for (const broken of ["junk: [", "", identity({ cert: own.cert, key: next.key })]) {
      writeFileSync(file, broken);
      expect(await served(url)).toBe(false);
    }
    writeFileSync(file, identity(own));
    expect(await served(url)).toBe(true);
  });

  test("a policy for clients changes with the next connection", async () => {
    const { url, file } = await serverWith(identity(own));
    expect(await served(url)).toBe(true);
    writeFileSync(
      file,
      `${identity(own)}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${ca.cert}\n`,
    );
    expect(await served(url)).toBe(false);
    expect(await served(url, presenting(client))).toBe(true);
  });
});

test("a web configuration that is wrong keeps the server from starting", async () => {
  const directory = scratchDirectory();
  const file = join(directory, "web.yml");
  await expect(startServer(httpParts({ webConfigFile: file }))).rejects.toThrow(
    `${file}: the web configuration cannot be read (ENOENT): check --web.config.file`,
  );
  writeFileSync(file, "tls_server_config:\n  cert_file: none.crt\n  key_file: none.key\n");
  await expect(startServer(httpParts({ webConfigFile: file }))).rejects.toThrow(
    `${file}:2: tls_server_config.cert_file: none.crt: cannot be read (ENOENT)`,
  );
});

test("paths in the file are meant from the directory of the file", async () => {
  const directory = scratchDirectory();
  for (const name of ["cert", "key"] as const)
    writeFileSync(join(directory, name), readFileSync(own[name]));
  const file = join(directory, "web.yml");
  writeFileSync(file, "tls_server_config:\n  cert_file: cert\n  key_file: ./key\n");
  const { url } = await startedServer({ webConfigFile: file });
  expect(await served(url)).toBe(true);
});

test("closing does not wait for a client in the middle of its handshake", async () => {
  const file = join(scratchDirectory(), "web.yml");
  writeFileSync(file, identity(own));
  const server = await startServer(httpParts({ webConfigFile: file, limits: { closeMs: 50 } }));
  const silent = connectPlainly(Number(new URL(server.url).port), "127.0.0.1");
  silent.on("error", () => {});
  await new Promise((resolve) => silent.once("connect", resolve));
  await expect(server.close()).resolves.toBeUndefined();
});
