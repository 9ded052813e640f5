import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
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
      "/page/main.js",
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
    expect(await response.text()).toBe("User name and password required.\n");
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

describe("a flood of logins", () => {
  /** Hashes of cost 10, 10, 12 and 18, as different tools make them; the password of alice is known. */
  const digest = "T00bm8qXOlx2dMfZ./Rw/uxkh8ibsfw82oQa/q6c3uwxf8Je/mp5.";
  const MIXED = [
    "basic_auth_users:",
    `  alice: ${hashSync("right", { cost: 10 })}`,
    `  bob: $2b$10$${digest}`,
    `  carol: $2b$12$${digest}`,
    `  dave: $2b$18$${digest}`,
  ].join("\n");

  /** Asks and hangs up as soon as the request has been sent. */
  async function hangUp(url: string, login: string): Promise<void> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const authorization = `Basic ${Buffer.from(login).toString("base64")}`;
    await new Promise<void>((sent) =>
      socket.write(`GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n\r\n`, () =>
        sent(),
      ),
    );
    socket.destroy();
  }

  test("of unknown users that hang up, and of the dearest user, lets the right login in", async () => {
    const { url } = await serverWith(MIXED);
    for (const user of ["m1", "m2", "m3"]) await hangUp(url, `${user}:x`);
    for (let i = 0; i < 3; i++) await hangUp(url, `dave:${i}`);
    expect(await status(url, "alice:right")).toBe(200);
    expect(await status(url, "mallory:x")).toBe(401);
  }, 20_000);

  test("ends in 429 for the peer, which says when to come again", async () => {
    const { url } = await serverWith(ALICE);
    const statuses = await Promise.all(
      Array.from({ length: 130 }, (_, i) => status(url, `alice:wrong${i}`)),
    );
    expect(statuses.filter((code) => code === 401).length).toBeGreaterThanOrEqual(100);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => {
        const authorization = `Basic ${Buffer.from(`alice:more${i}`).toString("base64")}`;
        return fetch(url, { headers: { authorization } });
      }),
    );
    expect(responses.map(({ headers }) => headers.get("retry-after"))).toContain("1");
  });

  test("is made no easier by costs that differ without a warning", async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLog, warn: (...line: unknown[]) => warnings.push(line) };
    const { url, file } = await serverWith(MIXED, log);
    await status(url);
    await status(url);
    expect(warnings).toEqual([
      [
        "bcrypt costs of users differ: the time of a wrong login tells them apart",
        { costs: "10,12,18", unknown_users: 10 },
      ],
    ]);
    writeFileSync(file, ALICE);
    await status(url);
    expect(warnings).toHaveLength(1);
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
  expect(warnings).toEqual(["HTTP/2 is not supported: serving HTTP/1.1"]);
});
