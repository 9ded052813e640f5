import { execFile, spawnSync } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { exists, pathOf, read } from "./read.ts";

const dockerfile = read("Dockerfile");
/** The instructions of the last stage, continued lines joined. */
const [last = ""] = dockerfile
  .replaceAll(/\\\n\s*/g, "")
  .split(/^(?=FROM )/m)
  .slice(-1);

/** The program's arguments in the list form of an instruction; throws where it is a shell's. */
function list(instruction: string): string[] {
  const [, json = ""] = new RegExp(`^(?:${instruction}) (\\[.*\\])$`, "m").exec(last) ?? [];
  return JSON.parse(json) as string[];
}

describe("the Dockerfile", () => {
  it("starts the program itself, as a user by number, without a shell in between", () => {
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(list("ENTRYPOINT")).toEqual(["/usr/local/bin/node", "/opt/ecmp-exporter/dist/cli.js"]);
    expect(list("CMD")).toEqual(["--config.file=/etc/ecmp-exporter/ecmp-exporter.yml"]);
    expect(last).not.toMatch(/^(RUN|ADD|STOPSIGNAL) /m);
  });

  it("has a health check that the image brings", () => {
    expect(last).toMatch(/^HEALTHCHECK --interval=\d+s .*CMD \["\/usr\/local\/bin\/node", "\/opt/m);
    expect(dockerfile).toContain("scripts/healthcheck.mjs");
  });

  it("labels the version of this package", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string };
    expect(last).toContain(`ARG VERSION=${version}\n`);
    expect(last).toContain('org.opencontainers.image.revision="$REVISION"');
  });

  it("copies only what .dockerignore lets through, and that is there", () => {
    const allowed = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, from]) =>
      (from ?? "").split(" "),
    );
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
    expect(copied.filter((file) => !exists(file))).toEqual([]);
  });

  it("pins a Node that this package supports", () => {
    const [, major] = /^ARG NODE_IMAGE=\S+node:(\d+)\.\d+\.\d+-\S+$/m.exec(dockerfile) ?? [];
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]));
  });
});

it.each(["assemble-image.sh", "base-image.sh", "check-image.sh"])("%s is sound bash", (script) => {
  const { status, stderr } = spawnSync("bash", ["-n", pathOf(`scripts/${script}`)]);
  expect([status, String(stderr)]).toEqual([0, ""]);
});

describe("the health check", () => {
  /** Runs the check against a server that answers so; its exit code and what it says. */
  async function check(answer: RequestListener | undefined, scheme = "http") {
    const server = createServer(answer);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/-/ready`;
    if (answer === undefined) await new Promise((closed) => server.close(closed));
    const result = await new Promise<{ code: number; said: string }>((done) => {
      const args = [pathOf("scripts/healthcheck.mjs")];
      const env = { HEALTHCHECK_URL: url };
      execFile(process.execPath, args, { env }, (error, _stdout, stderr) =>
        done({ code: typeof error?.code === "number" ? error.code : 0, said: stderr }),
      );
    });
    server.closeAllConnections();
    server.close();
    return { ...result, said: result.said.replace(url, "URL") };
  }
  const status = (code: number): RequestListener => {
    return (_request, response) => response.writeHead(code).end();
  };

  it.each([
    ["ready", status(200), { code: 0, said: "" }],
    ["a wanted password", status(401), { code: 0, said: "" }],
    ["not ready", status(503), { code: 1, said: "URL: status 503\n" }],
    ["silence", () => {}, { code: 1, said: "URL: no answer within 4 seconds\n" }],
  ] as const)("knows %s", { timeout: 20_000 }, async (_name, answer, expected) => {
    expect(await check(answer)).toEqual(expected);
  });

  it("knows that nobody listens, and TLS that is none", async () => {
    const nobody = await check(undefined);
    expect(nobody).toMatchObject({ code: 1, said: expect.stringContaining("ECONNREFUSED") });
    const plain = await check(status(200), "https");
    expect(plain.code).toBe(1);
    expect(plain.said).toMatch(/^URL: .+\n$/);
  });
});
