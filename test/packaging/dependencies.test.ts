import { createRequire } from "node:module";
import { fastify } from "fastify";
import { satisfies } from "semver";
import { describe, expect, it } from "vitest";
import { read } from "./read.ts";

/** Versions of Node that are supported: the oldest that CI has, and today's later ones with long-term support. */
const NODES = ["20.20.0", "22.13.0", "24.0.0"];

/** What package-lock.json says of a package. */
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly engines?: { readonly node?: string };
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
}

const manifest = JSON.parse(read("package.json")) as {
  readonly engines: { readonly node: string };
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const lock = JSON.parse(read("package-lock.json")) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

describe("package-lock.json", () => {
  it("records no download addresses, and a checksum of every package that is the same on all systems", () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    const unchecked = packages.filter(([, { integrity, os }]) => !integrity && os === undefined);
    expect(unchecked.map(([path]) => path)).toEqual([]);
  });

  it.each(NODES)("has only packages that Node %s may run", (node) => {
    expect(satisfies(node, manifest.engines.node)).toBe(true);
    const refused = packages
      .filter(([, { engines }]) => engines?.node !== undefined && !satisfies(node, engines.node))
      .map(([path, { engines }]) => `${path} wants ${engines?.node}`);
    expect(refused).toEqual([]);
  });

  it("lets exactly those packages run an install script that package.json names", () => {
    const scripted = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(scripted.sort()).toEqual(Object.keys(manifest.allowScripts).sort());
  });
});

describe("the version of cookie that works with Node 20", () => {
  it("is what fastify's test requests load", () => {
    const fromFastify = createRequire(import.meta.resolve("fastify"));
    const fromRequests = createRequire(fromFastify.resolve("light-my-request"));
    const cookie = fromRequests("cookie/package.json") as { engines: { node: string } };
    expect(satisfies("20.0.0", cookie.engines.node)).toBe(true);
  });

  it("writes the cookies of a test request as that expects them", async () => {
    const app = fastify();
    app.get("/", (request) => ({ cookie: request.headers.cookie }));
    const answer = await app.inject({ url: "/", cookies: { one: "1 a", two: "é" } });
    await app.close();
    expect(answer.json()).toEqual({ cookie: "one=1%20a; two=%C3%A9" });
  });
});
