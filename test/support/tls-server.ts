import { readFileSync, writeFileSync } from "node:fs";
import { get, type RequestOptions } from "node:https";
import { join } from "node:path";
import type { PeerCertificate } from "node:tls";
import { type Log, silentLog } from "../../src/log.ts";
import type { Certificate } from "./certificates.ts";
import { scratchDirectory, startedServer } from "./http-parts.ts";

/** What a client got over TLS. */
export interface TlsAnswer {
  readonly status: number | undefined;
  readonly body: string;
  readonly connection: string | undefined;
  /** Common name of the server's certificate. */
  readonly subject: string;
}

/** The section of a web configuration that names a certificate and its key. */
export function identity({ cert, key }: Certificate): string {
  return `tls_server_config:\n  cert_file: ${cert}\n  key_file: ${key}\n`;
}

/** Options of a client that shows a certificate. */
export function presenting({ cert, key }: Certificate): RequestOptions {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** Starts a server with a web configuration, ended with the test, and tells where the file is. */
export async function serverWith(
  text: string,
  log: Log = silentLog,
): Promise<{ url: string; file: string }> {
  const file = join(scratchDirectory(), "web.yml");
  writeFileSync(file, text);
  const { url } = await startedServer({ webConfigFile: file, log });
  return { url, file };
}

/** A client that trusts an authority and opens a connection for every request. */
export class TlsClient {
  readonly #ca: Buffer;

  constructor(authority: Certificate) {
    this.#ca = readFileSync(authority.cert);
  }

  /** Fetches one page. Rejects if there is no answer. */
  fetch(url: string, options: RequestOptions = {}): Promise<TlsAnswer> {
    return new Promise((resolve, reject) => {
      const request = get(`${url}/-/healthy`, { ca: this.#ca, agent: false, ...options });
      request.on("error", reject);
      request.on("response", (response) => {
        const peer = (
          response.socket as unknown as { getPeerCertificate(): PeerCertificate }
        ).getPeerCertificate();
        let body = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => {
          const { statusCode: status, headers } = response;
          const subject = String(peer.subject?.CN);
          resolve({ status, body, connection: headers.connection, subject });
        });
      });
    });
  }

  /** Whether it gets through. */
  async served(url: string, options: RequestOptions = {}): Promise<boolean> {
    try {
      return (await this.fetch(url, options)).status === 200;
    } catch {
      return false;
    }
  }
}
