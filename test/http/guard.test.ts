import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, test } from "vitest";
import type { Log } from "../../src/log.ts";
import { silentLog } from "../../src/log.ts";
import { scratchDirectory, startedServer } from "../support/http-parts.ts";

const ALICE = `basic_auth_users:\n  alice: ${hashSync("right", { cost: 4 })}\n`;

async function serverWith(
  text: string,
  log: Log = silentLog,
): Promise<{ url: string; file: string }> {
  const file = join(scratchDirectory(), "web.yml");
  writeFileSync(file, text);
  const { url } = await startedServer({ webConfigFile: file, log });
  return { url, file };
}

async function status(url: string, login?: string, method = "GET"): Promise<number> {
  const authorization = `Basic ${Buffer.from(login ?? "").toString("base64")}`;
  const response = await fetch(url, {
    method,
    headers: login === undefined ? {} : { authorization },
  });
  await response.text();
  return response.status;
}

describe("users", () => {
  test("are asked for on every path, with every method, known or not", async () => {
    const { url } = await serverWith(ALICE);
    for (const path of [
      "/",
      "/metrics",
      "/-/healthy",
      "/-/ready",
      "/config",
      "/api/v1/targets",
      "/page.js",
      "/nowhere",
      "/%zz",
    ]) {
      expect([path, await status(url + path)]).toEqual([path, 401]);
    }
    for (const method of ["POST", "PUT", "HEAD", "OPTIONS"]) {
      expect(await status(`${url}/-/reload`, undefined, method)).toBe(401);
    }
    expect(await status(`${url}/-/healthy`, "alice:right")).toBe(200);
    expect(await status(`${url}/-/reload`, "alice:right", "POST")).toBe(200);
  });

  test("without, with a wrong and with an unknown login get 401 and are told how to log in", async () => {
    const { url } = await serverWith(ALICE);
    for (const login of [undefined, "alice:wrong", "alice:", ":", "mallory:right", "alice"]) {
      expect(await status(`${url}/metrics`, login)).toBe(401);
    }
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get("www-authenticate")).toBe(
      'Basic realm="ecmp-exporter", charset="UTF-8"',
    );
    expect(await response.text()).toBe("User and password are needed.\n");
  });

  test("change with the file, without a restart", async () => {
    const { url, file } = await serverWith(ALICE);
    expect(await status(url, "alice:right")).toBe(200);
    writeFileSync(file, `basic_auth_users:\n  alice: ${hashSync("changed", { cost: 4 })}\n`);
    expect(await status(url, "alice:right")).toBe(401);
    expect(await status(url, "alice:changed")).toBe(200);
    writeFileSync(file, "basic_auth_users: {}\n");
    expect(await status(url)).toBe(200);
  });

  test("are all refused with 500 while the file is unusable or gone, and let in again afterwards", async () => {
    const reasons: unknown[] = [];
    const log = { ...silentLog, error: (_m: string, fields?: object) => reasons.push(fields) };
    const { url, file } = await serverWith(ALICE, log);
    writeFileSync(file, "basic_auth_user: {}\n");
    expect(await status(url, "alice:right")).toBe(500);
    expect(reasons[0]).toEqual({
      reason: `${file}:1: basic_auth_user: is not a known key: did you mean basic_auth_users?`,
    });
    rmSync(file);
    expect(await status(url, "alice:right")).toBe(500);
    writeFileSync(file, ALICE);
    expect(await status(url, "alice:right")).toBe(200);
    expect(await status(url)).toBe(401);
  });
});

describe("headers", () => {
  test("stand on every response, refusals included, and take the place of the page's own", async () => {
    const { url } = await serverWith(
      `${ALICE}http_server_config:\n  headers:\n    X-Frame-Options: deny\n    Content-Security-Policy: "default-src 'none'"\n    Strict-Transport-Security: max-age=60\n`,
    );
    const authorization = `Basic ${Buffer.from("alice:right").toString("base64")}`;
    for (const response of [
      await fetch(url),
      await fetch(url, { headers: { authorization } }),
      await fetch(`${url}/nowhere`, { headers: { authorization } }),
    ]) {
      expect(response.headers.get("x-frame-options")).toBe("deny");
      expect(response.headers.get("content-security-policy")).toBe("default-src 'none'");
      expect(response.headers.get("strict-transport-security")).toBe("max-age=60");
    }
  });
});

describe("the rate limit", () => {
  test("lets a burst pass and answers 429 past it, before it asks for a login", async () => {
    const { url } = await serverWith(`${ALICE}rate_limit:\n  interval: 1h\n  burst: 3\n`);
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push(await status(url));
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
  });

  test("of burst 0 lets nothing pass, and an interval of 0 is none", async () => {
    expect(await status((await serverWith("rate_limit: { interval: 1s, burst: 0 }")).url)).toBe(
      429,
    );
    expect(await status((await serverWith("rate_limit: { interval: 0s, burst: 0 }")).url)).toBe(
      200,
    );
  });

  test("is fixed when the server starts", async () => {
    const { url, file } = await serverWith("rate_limit: { interval: 1h, burst: 2 }");
    expect(await status(url)).toBe(200);
    writeFileSync(file, "");
    expect(await status(url)).toBe(200);
    expect(await status(url)).toBe(429);
  });
});

test("a wish for HTTP/2 is answered with a warning at the start", async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => warnings.push(message) };
  await serverWith("http_server_config: { http2: true }", log);
  await serverWith("http_server_config: { http2: false }", log);
  expect(warnings).toEqual(["HTTP/2 is not offered: clients are served with HTTP/1.1"]);
});
