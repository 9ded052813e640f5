import { describe, expect, test } from "vitest";
import { startServer } from "../../src/http/server.ts";
import { httpParts, startedServer } from "../support/http-parts.ts";
import { rawRequest } from "../support/raw-request.ts";

describe("clients that misbehave", () => {
  test.each([
    ["a request that is none", "NONSENSE\r\n\r\n", "HTTP/1.1 400 Bad Request"],
    [
      "headers without end",
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}\r\n\r\n`,
      "HTTP/1.1 431 Request Header Fields Too Large",
    ],
    ["a TLS handshake", "\x16\x03\x01\x00\xff\x01", "HTTP/1.1 400 Bad Request"],
    ["headers that do not come", "GET / HTTP/1.1\r\nHost:", "HTTP/1.1 408 Request Timeout"],
    [
      "a body that does not come",
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\n",
      "HTTP/1.1 404 Not Found",
    ],
  ])("%s gets an answer and the connection ends", async (_name, bytes, statusLine) => {
    const { url } = await startedServer({
      limits: { headersMs: 200, requestMs: 500, closeMs: 100 },
    });
    expect((await rawRequest(url, bytes)).split("\r\n")[0]).toBe(statusLine);
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  });
});

describe("starting and stopping", () => {
  test("an address in use is one sentence", async () => {
    const { url } = await startedServer();
    const listenAddress = new URL(url).host;
    await expect(startServer(httpParts({ listenAddress }))).rejects.toThrow(
      new Error(
        `cannot listen on ${listenAddress}: the address is in use: stop the program that uses it or choose another with --web.listen-address`,
      ),
    );
  });

  test("an address of another host is one sentence", async () => {
    await expect(startServer(httpParts({ listenAddress: "192.0.2.1:0" }))).rejects.toThrow(
      new Error(
        "cannot listen on 192.0.2.1:0: this host does not have this address: choose one that it has with --web.listen-address",
      ),
    );
  });

  test.each([
    "metrics",
    "/-/ready",
    "/api/v1/targets",
    "/api/v1/targets/x",
    "/a b",
    "/:id",
    "/*",
    "/page/main.js",
    "",
  ])("metrics at %j are refused in one sentence", async (telemetryPath) => {
    await expect(startServer(httpParts({ telemetryPath }))).rejects.toThrow(
      new Error(
        `cannot serve metrics at "${telemetryPath}": choose another --web.telemetry-path, such as /metrics`,
      ),
    );
  });

  test("without a host it is reached over IPv4", async () => {
    const { url } = await startedServer({ listenAddress: ":0" });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  });

  test("closing lets a request in flight finish, does not wait for idle connections, and frees the port", async () => {
    let release = (): void => {};
    let started = false;
    const server = await startServer(
      httpParts({
        async metrics() {
          started = true;
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          return "a 1\n";
        },
      }),
    );
    await (await fetch(`${server.url}/-/healthy`)).text();
    const scrape = fetch(`${server.url}/metrics`);
    await expect.poll(() => started).toBe(true);
    const closed = server.close();
    release();
    expect(await (await scrape).text()).toBe("a 1\n");
    await closed;
    const again = await startServer(httpParts({ listenAddress: new URL(server.url).host }));
    await again.close();
  });
});
