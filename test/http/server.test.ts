import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { startServer } from "../../src/http/server.ts";
import type { Log, LogFields } from "../../src/log.ts";
import { silentLog } from "../../src/log.ts";
import { httpParts, startedServer } from "../support/http-parts.ts";

/** Sends bytes on a connection of their own and reads until the server closes it. */
async function raw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

function recordingLog(): { log: Log; lines: [string, LogFields | undefined][] } {
  const lines: [string, LogFields | undefined][] = [];
  return {
    lines,
    log: { ...silentLog, error: (message, fields) => lines.push([message, fields]) },
  };
}

describe("routes", () => {
  test.each([
    ["GET", "/-/healthy", 200, "text/plain; charset=utf-8", "ecmp-exporter is healthy.\n"],
    ["GET", "/-/ready", 200, "text/plain; charset=utf-8", "ecmp-exporter is ready.\n"],
    ["POST", "/-/reload", 200, "text/plain; charset=utf-8", "The configuration was reloaded.\n"],
    ["PUT", "/-/reload", 200, "text/plain; charset=utf-8", "The configuration was reloaded.\n"],
    ["GET", "/config", 200, "text/yaml; charset=utf-8", "targets: []\n"],
    ["GET", "/metrics?x=1", 200, "text/plain; version=0.0.4; charset=utf-8", "a 1\n"],
    ["GET", "/api/v1/targets", 200, "application/json; charset=utf-8", "[]"],
    [
      "GET",
      "/api/v1/targets/none",
      404,
      "application/json; charset=utf-8",
      '{"error":"there is no target named \\"none\\""}',
    ],
    [
      "GET",
      "/api/v1/targets/",
      404,
      "application/json; charset=utf-8",
      '{"error":"there is no target named \\"\\""}',
    ],
    ["GET", "/nowhere", 404, "text/plain; charset=utf-8", "There is nothing here.\n"],
    ["POST", "/nowhere", 404, "text/plain; charset=utf-8", "There is nothing here.\n"],
    ["GET", "/metrics/", 404, "text/plain; charset=utf-8", "There is nothing here.\n"],
    ["GET", "/%zz", 400, "text/plain; charset=utf-8", "The path is malformed.\n"],
  ])("%s %s answers %i", async (method, path, status, type, body) => {
    const { url } = await startedServer();
    const response = await fetch(url + path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("server")).toBe("ecmp-exporter/1.2.3");
    expect(await response.text()).toBe(body);
  });

  test.each([
    ["GET", "/-/reload", "POST, PUT"],
    ["HEAD", "/-/reload", "POST, PUT"],
    ["POST", "/metrics", "GET, HEAD"],
    ["DELETE", "/api/v1/targets/a/b", "GET, HEAD"],
    ["OPTIONS", "/", "GET, HEAD"],
    ["PROPFIND", "/config", "GET, HEAD"],
    ["PATCH", "/-/ready", "GET, HEAD"],
  ])("%s %s is a wrong method", async (method, path, allow) => {
    const { url } = await startedServer();
    const response = await fetch(url + path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
  });

  test.each(["/metrics", "/", "/-/healthy", "/config", "/api/v1/targets"])(
    "HEAD %s has headers and no body",
    async (path) => {
      const { url } = await startedServer();
      const headers = { "accept-encoding": "identity" };
      const get = await fetch(url + path, { headers });
      const head = await fetch(url + path, { method: "HEAD", headers });
      expect(head.status).toBe(200);
      expect(head.headers.get("content-length")).toBe(String((await get.arrayBuffer()).byteLength));
      expect(await head.text()).toBe("");
    },
  );

  test.each([
    ["mysql-vip", "mysql-vip"],
    ["mysql-vip/192.0.2.10", "mysql-vip/192.0.2.10"],
    ["mysql-vip%2F2001%3Adb8%3A%3A1?x=y", "mysql-vip/2001:db8::1"],
    ["a%20b%25c/%C3%BC", "a b%c/ü"],
  ])("the target %s is asked for by its decoded name", async (path, name) => {
    const { url } = await startedServer({
      api: { targets: () => [], target: (asked) => ({ asked }) },
    });
    expect(await (await fetch(`${url}/api/v1/targets/${path}`)).json()).toEqual({ asked: name });
  });

  test("readiness follows the daemon", async () => {
    let ready = false;
    const { url } = await startedServer({ ready: () => ready });
    expect((await fetch(`${url}/-/ready`)).status).toBe(503);
    ready = true;
    expect((await fetch(`${url}/-/ready`)).status).toBe(200);
  });

  test("a reload that fails says why with 500, and a body does no harm", async () => {
    const { url } = await startedServer({
      reload: () =>
        Promise.resolve({ ok: false, message: "x.yml:3: targets[0].port: must be a number" }),
    });
    for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
      const response = await fetch(`${url}/-/reload`, {
        method: "POST",
        body: "{not json",
        headers: { "content-type": type },
      });
      expect(response.status).toBe(500);
      expect(await response.text()).toBe("x.yml:3: targets[0].port: must be a number\n");
    }
  });

  test("a handler that fails is 500 with one sentence, the reason goes to the log, the server lives on", async () => {
    const { log, lines } = recordingLog();
    const { url } = await startedServer({
      log,
      metrics: () => Promise.reject(new Error("secret detail")),
      api: {
        targets() {
          throw new Error("broken");
        },
        target: () => undefined,
      },
    });
    for (const path of ["/metrics", "/api/v1/targets"]) {
      const response = await fetch(url + path);
      expect(response.status).toBe(500);
      expect(await response.text()).toBe("The request failed: the log says why.\n");
    }
    expect(lines.map(([, fields]) => fields?.["reason"])).toEqual(["secret detail", "broken"]);
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  });
});

describe("the page", () => {
  test("is served with its style and script under a strict policy, and holds no inline code", async () => {
    const { url } = await startedServer();
    const page = await fetch(`${url}/`);
    expect(page.headers.get("content-security-policy")).toBe("default-src 'self'");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    const html = await page.text();
    expect(html).not.toMatch(/<script>|<style>| style=| on\w+=/);
    for (const link of [
      "metrics",
      "api/v1/targets",
      "config",
      "-/healthy",
      "-/ready",
      "page.css",
    ]) {
      expect(html).toContain(`href="${link}"`);
      expect((await fetch(`${url}/${link}`)).status).toBe(200);
    }
    expect((await fetch(`${url}/page.css`)).headers.get("content-type")).toBe(
      "text/css; charset=utf-8",
    );
    expect((await fetch(`${url}/page.js`)).headers.get("content-type")).toBe(
      "text/javascript; charset=utf-8",
    );
  });

  test("links to the metrics where they are", async () => {
    const { url } = await startedServer({ telemetryPath: "/prom/m" });
    expect(await (await fetch(`${url}/`)).text()).toContain('href="prom/m"');
    expect((await fetch(`${url}/prom/m`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  test("gives way to metrics at /", async () => {
    const { url } = await startedServer({ telemetryPath: "/" });
    expect(await (await fetch(url)).text()).toBe("a 1\n");
  });
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
    expect(await raw(url, request)).toMatch(/\r\ncontent-encoding: gzip\r\n/i);
  });

  test("that share a rendering are all compressed rightly", async () => {
    const body = Buffer.from("metric 1\n".repeat(10_000));
    const { url } = await startedServer({ metrics: () => Promise.resolve(body) });
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
    expect((await raw(url, bytes)).split("\r\n")[0]).toBe(statusLine);
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  });
});

describe("starting and stopping", () => {
  test("an address in use is one sentence", async () => {
    const { url } = await startedServer();
    const listenAddress = new URL(url).host;
    await expect(startServer(httpParts({ listenAddress }))).rejects.toThrow(
      new Error(
        `cannot listen on ${listenAddress}: the address is in use: stop the program that holds it or choose another with --web.listen-address`,
      ),
    );
  });

  test("an address of another host is one sentence", async () => {
    await expect(startServer(httpParts({ listenAddress: "192.0.2.1:0" }))).rejects.toThrow(
      new Error(
        "cannot listen on 192.0.2.1:0: this host has no such address: choose one of its own with --web.listen-address",
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
    "/page.js",
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
