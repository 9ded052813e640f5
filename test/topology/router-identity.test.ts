import { expect, test } from "vitest";
import { RouterIdentity } from "../../src/topology/router-identity.ts";

const NAMES = new Map([
  ["10.0.0.1", "eth1.leaf3.example.net"],
  ["10.0.0.8", "eth1.other.example.net"],
  ["10.0.0.9", "localhost"],
  ["192.0.0.8", "eth1.dummy.example.net"],
]);

function identity(): { routers: RouterIdentity; hops: { changes: number } } {
  const hops = { changes: 0, nameOf: (address: string) => NAMES.get(address) };
  return { routers: new RouterIdentity(hops), hops };
}

test("an address has no router without a ground", () => {
  const { routers } = identity();
  expect(routers.routerOf("10.0.0.1")).toBeUndefined();
  routers.configure([], String.raw`^[^.]+\.(?<router>[^.]+)\.`);
  expect(routers.routerOf("10.0.0.9")).toBeUndefined();
  expect(routers.routerOf("10.0.0.77")).toBeUndefined();
});

test("the inventory counts before the name", () => {
  const { routers } = identity();
  routers.configure(
    [{ name: "r8", addresses: ["10.0.0.8", "10.0.1.8"] }],
    String.raw`^[^.]+\.(?<router>[^.]+)\.`,
  );
  expect(routers.routerOf("10.0.0.8")).toEqual({ router: "r8", source: "inventory" });
  expect(routers.routerOf("10.0.1.8")).toEqual({ router: "r8", source: "inventory" });
  expect(routers.routerOf("10.0.0.1")).toEqual({ router: "leaf3", source: "name" });
});

test("an address that several routers answer with is none's, whatever is said of it", () => {
  const { routers } = identity();
  routers.configure([{ name: "r8", addresses: ["192.0.0.8"] }], "(?<router>.+)");
  expect(routers.routerOf("192.0.0.8")).toBeUndefined();
  expect(routers.routerOf("192.0.0.1")).toBeUndefined();
});

test("the version grows with every configuration and every name", () => {
  const { routers, hops } = identity();
  const versions = [routers.version];
  routers.configure([], "");
  versions.push(routers.version);
  hops.changes += 1;
  versions.push(routers.version);
  expect(versions).toEqual([0, 1, 2]);
});
