import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { type HttpParts, type RunningServer, startServer } from "../../src/http/server.ts";
import { silentLog } from "../../src/log.ts";

/** Parts of a server on a port of the kernel's choice; each can be replaced. */
export function httpParts(changes: Partial<HttpParts> = {}): HttpParts {
  return {
    listenAddress: "127.0.0.1:0",
    telemetryPath: "/metrics",
    webConfigFile: undefined,
    log: silentLog,
    metrics: (format, encoding) => {
      const text = format === "text" ? "a 1\n" : "a 1\n# EOF\n";
      return Promise.resolve(encoding === "gzip" ? gzipSync(text) : text);
    },
    ready: () => true,
    reload: () => Promise.resolve({ ok: true }),
    configText: () => "targets: []\n",
    api: {
      status: () => ({}),
      summary: () => Promise.resolve({ targets: [] }),
      targets: () => [],
      target: () => undefined,
      history: (name) => ({ of: name }),
      events: (query) => query,
    },
    version: "1.2.3",
    ...changes,
  };
}

/** Starts a server that ends with the test. */
export async function startedServer(changes: Partial<HttpParts> = {}): Promise<RunningServer> {
  const server = await startServer(httpParts({ limits: { closeMs: 100 }, ...changes }));
  onTestFinished(() => server.close());
  return server;
}

/** A directory that ends with the test. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "ecmp-http-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}
