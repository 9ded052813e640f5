import { describe, expect, test } from "vitest";
import { readPage } from "../../src/http/static-page.ts";
import { type Log, type LogFields, silentLog } from "../../src/log.ts";
import { httpParts, startedServer } from "../support/http-parts.ts";

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
      "/api/v1/events?since=7&target=a%20b",
      200,
      "application/json; charset=utf-8",
      '{"since":7,"target":"a b"}',
    ],
    ["GET", "/api/v1/events", 200, "application/json; charset=utf-8", '{"since":0}'],
    [
      "GET",
      "/api/v1/events?since=-1",
      400,
      "application/json; charset=utf-8",
      '{"error":"since must be the id of an event, a whole number, not \\"-1\\""}',
    ],
    ["GET", "/api/v1/history/a", 200, "application/json; charset=utf-8", '{"of":"a"}'],
    ["GET", "/api/v1/summary", 200, "application/json; charset=utf-8", '{"targets":[]}'],
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
    ["GET", "/nowhere", 404, "text/plain; charset=utf-8", "Not found.\n"],
    ["POST", "/nowhere", 404, "text/plain; charset=utf-8", "Not found.\n"],
    ["GET", "/metrics/", 404, "text/plain; charset=utf-8", "Not found.\n"],
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
      api: {
        ...httpParts().api,
        status: () => ({ raw_sockets: true }),
        targets: () => [],
        target: (asked) => ({ asked }),
      },
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
        ...httpParts().api,
        targets() {
          throw new Error("broken");
        },
      },
    });
    for (const path of ["/metrics", "/api/v1/targets"]) {
      const response = await fetch(url + path);
      expect(response.status).toBe(500);
      expect(await response.text()).toBe("Internal error: see the log.\n");
    }
    expect(lines.map(([, fields]) => fields?.["reason"])).toEqual(["secret detail", "broken"]);
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  });
});

describe("the page", () => {
  test("is served with its style and script under a strict policy, and holds no inline code", async () => {
    const { url } = await startedServer();
    const page = await fetch(`${url}/`);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    const html = await page.text();
    expect(html).not.toMatch(/<script>|<style>| style=| on\w+=/);
    for (const link of ["metrics", "api/v1/targets", "config", "page/page.css", "page/icon.svg"]) {
      expect(html).toContain(`href="${link}"`);
      expect((await fetch(`${url}/${link}`)).status).toBe(200);
    }
    const typeOf = async (file: string) => {
      const response = await fetch(`${url}/page/${file}`);
      return response.headers.get("content-type");
    };
    expect(await typeOf("page.css")).toBe("text/css; charset=utf-8");
    expect(await typeOf("main.js")).toBe("text/javascript; charset=utf-8");
    expect(await typeOf("icon.svg")).toBe("image/svg+xml");
  });

  test("weighs less than 150 kB in all, and every module that is imported is served", () => {
    const files = readPage("/metrics");
    const sizes = [...files.values()].map(({ body }) => Buffer.byteLength(body));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
    const imported = [...files.values()].flatMap(({ body }) =>
      [...body.matchAll(/ from "\.\/([\w-]+\.js)";/g)].map(([, name]) => `/page/${name}`),
    );
    expect(imported.length).toBeGreaterThan(10);
    expect([...files.keys()]).toEqual(expect.arrayContaining(imported));
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
