import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { get as getSecurely, type RequestOptions } from "node:https";
import { connect as connectPlainly } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/http/server.ts";
import { subjectAltNames } from "../../src/http/tls-listener.ts";
import { type Certificate, makeAuthority, makeCertificate } from "../support/certificates.ts";
import { httpParts, scratchDirectory, startedServer } from "../support/http-parts.ts";

const certificates = mkdtempSync(join(tmpdir(), "ecmp-tls-"));
afterAll(() => rmSync(certificates, { recursive: true }));
const ca = makeAuthority(certificates, "ca");
const strangers = makeAuthority(certificates, "strangers");
const own = makeCertificate(certificates, "server", ca, "IP:127.0.0.1,DNS:localhost");
const next = makeCertificate(certificates, "next", ca, "IP:127.0.0.1");
const rsa = makeCertificate(certificates, "rsa", ca, "IP:127.0.0.1", "rsa");
const client = makeCertificate(
  certificates,
  "client",
  ca,
  "DNS:scraper.example,IP:2001:db8::1,email:a@b.example",
);
const stranger = makeCertificate(certificates, "stranger", strangers, "DNS:scraper.example");

function identity({ cert, key }: Certificate): string {
  return `tls_server_config:\n  cert_file: ${cert}\n  key_file: ${key}\n`;
}

/** Starts a server with a web configuration and tells where the file is. */
async function serverWith(text: string): Promise<{ url: string; file: string }> {
  const file = join(scratchDirectory(), "web.yml");
  writeFileSync(file, text);
  const { url } = await startedServer({ webConfigFile: file });
  return { url, file };
}

/** Fetches over a connection of its own: the status, and the subject of the server's certificate. */
function fetchOnce(
  url: string,
  options: RequestOptions = {},
): Promise<{ status: number; subject: string }> {
  return new Promise((resolve, reject) => {
    const request = getSecurely(`${url}/-/healthy`, {
      ca: readFileSync(ca.cert),
      agent: false,
      ...options,
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const peer = (
        response.socket as unknown as { getPeerCertificate(): PeerCertificate }
      ).getPeerCertificate();
      response.resume().on("end", () => {
        resolve({ status: response.statusCode ?? 0, subject: String(peer.subject?.CN) });
      });
    });
  });
}

function presenting({ cert, key }: Certificate): RequestOptions {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** Whether a client gets through. */
async function served(url: string, options: RequestOptions = {}): Promise<boolean> {
  try {
    return (await fetchOnce(url, options)).status === 200;
  } catch {
    return false;
  }
}

describe("TLS", () => {
  test("serves its certificate, also to clients that name no host, and survives clients that speak plainly", async () => {
    const { url } = await serverWith(identity(own));
    expect(url).toMatch(/^https:/);
    expect(await fetchOnce(url)).toEqual({ status: 200, subject: "server" });
    await expect(
      new Promise((_resolve, reject) => get(url.replace("https", "http")).on("error", reject)),
    ).rejects.toThrow();
    const silent = connectPlainly(Number(new URL(url).port), "127.0.0.1");
    silent.on("error", () => {});
    silent.write("\x16\x03\x01\x02\x00\x01\x00");
    expect(await served(url)).toBe(true);
    silent.destroy();
  });

  test("clients that do not trust it stay away", async () => {
    const { url } = await serverWith(identity(own));
    await expect(fetchOnce(url, { ca: readFileSync(strangers.cert) })).rejects.toThrow(
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
    expect((await fetchOnce(url)).subject).toBe("server");
    put(next);
    expect((await fetchOnce(url)).subject).toBe("next");
    writeFileSync(file, identity(rsa));
    expect((await fetchOnce(url)).subject).toBe("rsa");
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

describe("client certificates", () => {
  const authorities = `  client_ca_file: ${ca.cert}\n`;
  test.each([
    // policy, more lines, then who is served: without a certificate, with a good one, with a stranger's
    ["NoClientCert", "", [true, true, true]],
    ["RequestClientCert", "", [true, true, true]],
    ["RequireAnyClientCert", "", [false, true, true]],
    ["RequireClientCert", "", [false, true, true]],
    ["VerifyClientCertIfGiven", authorities, [true, true, false]],
    ["RequireAndVerifyClientCert", authorities, [false, true, false]],
    [
      "RequireAndVerifyClientCert",
      `${authorities}  client_allowed_sans: [nobody, scraper.example]\n`,
      [false, true, false],
    ],
    [
      "RequireAndVerifyClientCert",
      `${authorities}  client_allowed_sans: ["2001:DB8:0::1"]\n`,
      [false, true, false],
    ],
    [
      "RequireAndVerifyClientCert",
      `${authorities}  client_allowed_sans: [a@b.example]\n`,
      [false, true, false],
    ],
    [
      "RequireAndVerifyClientCert",
      `${authorities}  client_allowed_sans: [example, scraper, client]\n`,
      [false, false, false],
    ],
    [
      "VerifyClientCertIfGiven",
      `${authorities}  client_allowed_sans: [nobody]\n`,
      [true, false, false],
    ],
  ])("%s %j", async (policy, lines, expected) => {
    const { url } = await serverWith(`${identity(own)}  client_auth_type: ${policy}\n${lines}`);
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      expect([
        await served(url, { maxVersion }),
        await served(url, { maxVersion, ...presenting(client) }),
        await served(url, { maxVersion, ...presenting(stranger) }),
      ]).toEqual(expected);
    }
  });

  test.each([
    [undefined, []],
    ["DNS:a.example, DNS:b.example", ["a.example", "b.example"]],
    ["IP Address:2001:DB8:0:0:0:0:0:1, email:a@b", ["2001:db8::1", "a@b"]],
    ["URI:spiffe://x/y", ["spiffe://x/y"]],
    ['DNS:"a, DNS:evil.example", DNS:c', ["a, DNS:evil.example", "c"]],
  ])("the names %j are read as %j", (printed, names) => {
    expect(subjectAltNames(printed)).toEqual(names);
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
