import { mkdtempSync, rmSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { subjectAltNames } from "../../src/http/client-certificate.ts";
import { silentLog } from "../../src/log.ts";
import { makeAuthority, makeCertificate } from "../support/certificates.ts";
import { identity, presenting, serverWith, TlsClient } from "../support/tls-server.ts";

const certificates = mkdtempSync(join(tmpdir(), "ecmp-tls-"));
afterAll(() => rmSync(certificates, { recursive: true }));
const ca = makeAuthority(certificates, "ca");
const strangers = makeAuthority(certificates, "strangers");
const own = makeCertificate(certificates, "server", ca, "IP:127.0.0.1,DNS:localhost");
const client = makeCertificate(
  certificates,
  "client",
  ca,
  "DNS:scraper.example,IP:2001:db8::1,email:a@b.example",
);
const stranger = makeCertificate(certificates, "stranger", strangers, "DNS:scraper.example");
const trusting = new TlsClient(ca);
const served: TlsClient["served"] = (...asked) => trusting.served(...asked);

describe("client certificates", () => {
  const authorities = `  client_ca_file: ${ca.cert}\n`;
  test.each([
    // policy, more lines, then who is served: without a certificate, with a good one, with a stranger's
    ["NoClientCert", "", [true, true, true]],
    ["RequestClientCert", "", [true, true, true]],
    ["RequireAnyClientCert", "", [false, true, true]],
    ["RequireClientCert", "", [false, true, true]],
    ["VerifyClientCertIfGiven", authorities, [true, true, false]],
    // Without authorities of its own it takes the public ones, which know neither of ours.
    ["VerifyClientCertIfGiven", "", [true, false, false]],
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
    [
      "RequireAnyClientCert",
      "",
      {} as RequestOptions,
      "A client certificate is required and none was sent.",
      undefined,
    ],
    [
      "RequireAndVerifyClientCert",
      authorities,
      {},
      "A client certificate is required and none was sent.",
      undefined,
    ],
    [
      "VerifyClientCertIfGiven",
      authorities,
      presenting(stranger),
      "The client certificate is not valid, or no authority of client_ca vouches for it.",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ],
    [
      "RequireAndVerifyClientCert",
      `${authorities}  client_allowed_sans: [nobody]\n`,
      presenting(client),
      "No name in the client certificate is in client_allowed_sans.",
      undefined,
    ],
  ])(
    "%s %j: who is refused is told why, and so is the log, once",
    async (policy, lines, options, sentence, code) => {
      const warnings: unknown[] = [];
      const log = { ...silentLog, warn: (...line: unknown[]) => warnings.push(line) };
      const text = `${identity(own)}  client_auth_type: ${policy}\n${lines}`;
      const { url } = await serverWith(text, log);
      for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
        expect(await trusting.fetch(url, { maxVersion, ...options })).toMatchObject({
          status: 403,
          body: `${sentence}\n`,
          connection: "close",
        });
      }
      expect(warnings).toEqual([
        ["TLS client refused", { peer: "127.0.0.1", reason: sentence, code }],
      ]);
    },
  );

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
