import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { connect, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Scrapes } from "../../src/http/scrapes.ts";
import { startedServer } from "../support/http-parts.ts";
import { rawRequest } from "../support/raw-request.ts";

test("a client that has gone before its scrape begins takes no place", () => {
  const scrapes = new Scrapes(() => Promise.resolve(""), { inFlight: 1, deliveryMs: 60_000 });
  const response = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));
  const gone = response();
  gone.destroy();
  expect(scrapes.enter(gone)).toBe(false);
  const present = response();
  expect(scrapes.enter(present)).toBe(true);
  expect(scrapes.enter(response())).toBe(false);
  present.emit("close");
  expect(scrapes.enter(response())).toBe(true);
});

describe("scrapes", () => {
  test("get the format and the compression they ask for", async () => {
    const { url } = await startedServer();
    const accept = "application/openmetrics-text;version=1.0.0;escaping=underscores";
    const response = await fetch(`${url}/metrics`, {
      headers: { accept, "accept-encoding": "identity" },
    });
    expect(response.headers.get("content-type")).toBe(
      "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
    );
    expect(response.headers.get("vary")).toBe("Accept, Accept-Encoding");
    expect(await response.text()).toBe("a 1\n# EOF\n");
    const request = "GET /metrics HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n";
    expect(await rawRequest(url, request)).toMatch(/\r\ncontent-encoding: gzip\r\n/i);
  });

  test("that share a rendering all get it whole", async () => {
    const body = Buffer.from("metric 1\n".repeat(10_000));
    const compressed = gzipSync(body);
    const { url } = await startedServer({
      metrics: (_, encoding) => Promise.resolve(encoding === "gzip" ? compressed : body),
    });
    const texts = await Promise.all(
      Array.from({ length: 8 }, async () => (await fetch(`${url}/metrics`)).text()),
    );
    for (const text of texts) expect(text).toBe(body.toString());
  });

  test("past the limit get 503, other paths do not, and places come back", async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let started = 0;
    const { url } = await startedServer({
      async metrics() {
        started += 1;
        await held;
        return "a 1\n";
      },
    });
    const first = Array.from({ length: 40 }, () => fetch(`${url}/metrics`));
    await expect.poll(() => started).toBe(40);
    const late = await fetch(`${url}/metrics`);
    expect(late.status).toBe(503);
    expect(await late.text()).toBe("Too many scrapes at once: try again later.\n");
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
    release();
    for (const response of await Promise.all(first)) {
      expect(response.status).toBe(200);
      await response.text();
    }
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });

  test("that are aborted give their place back, and one that is not read in time is cut off", async () => {
    const body = Buffer.alloc(64 * 1024 * 1024, "a");
    const { url } = await startedServer({
      metrics: () => Promise.resolve(body),
      limits: { scrapes: { inFlight: 1, deliveryMs: 300 }, closeMs: 100 },
    });
    const status = async () => {
      const response = await fetch(`${url}/metrics`, { method: "HEAD" });
      return response.status;
    };
    const aborted = connect(Number(new URL(url).port), "127.0.0.1");
    aborted.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(aborted, "data");
    expect(await status()).toBe(503);
    aborted.destroy();
    await expect.poll(status).toBe(200);
    const dawdling = connect(Number(new URL(url).port), "127.0.0.1");
    dawdling.on("error", () => {});
    dawdling.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(dawdling, "data");
    dawdling.pause();
    expect(await status()).toBe(503);
    await expect.poll(status, { timeout: 5_000 }).toBe(200);
    dawdling.destroy();
  });
});
