import { expect, test } from "vitest";
import { type Contradiction, RouterIdentity } from "../../src/topology/router-identity.ts";

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

test("what routers say of their interfaces makes addresses one router, called by the lowest or by what is known of any", () => {
  const { routers } = identity();
  const { version } = routers;
  routers.named("10.0.3.8", { address: "10.0.2.8", name: "eth2" }, 0);
  routers.named("10.0.4.8", { address: "10.0.2.8", name: "eth2" }, 0);
  const expected = { router: "10.0.2.8", source: "interface" };
  for (const hop of ["10.0.2.8", "10.0.3.8", "10.0.4.8"]) {
    expect(routers.routerOf(hop)).toEqual(expected);
  }
  expect(routers.version).toBeGreaterThan(version);
  routers.configure([{ name: "r8", addresses: ["10.0.4.8"] }], "");
  expect(routers.routerOf("10.0.3.8")).toEqual({ router: "r8", source: "interface" });
  expect(routers.routerOf("10.0.4.8")).toEqual({ router: "r8", source: "inventory" });
  expect([...routers.interfaces()]).toEqual([
    ["10.0.3.8", "eth2"],
    ["10.0.4.8", "eth2"],
  ]);
});

test("an address that several routers answer with joins nothing, but keeps the name of its interface", () => {
  const { routers } = identity();
  routers.named("192.0.0.8", { address: "10.0.2.8", name: "eth2" }, 0);
  routers.named("10.0.3.8", { address: "192.0.0.8", name: "eth3" }, 0);
  expect(routers.routerOf("10.0.2.8")).toBeUndefined();
  expect(routers.routerOf("10.0.3.8")).toBeUndefined();
  expect([...routers.interfaces()]).toEqual([["10.0.3.8", "eth3"]]);
});

test("one flow that crosses a router twice says that it is two: told once, and what routers said is given up", () => {
  const found: Contradiction[] = [];
  const routers = new RouterIdentity({ changes: 0, nameOf: () => undefined }, (each) =>
    found.push(each),
  );
  routers.named("10.0.0.2", { address: "10.0.0.1", name: undefined }, 0);
  routers.learnt("a", ["10.0.0.1", "10.0.0.2", "198.51.100.2"], 1);
  expect(routers.routerOf("10.0.0.2")).toBeUndefined();
  routers.learnt("a", ["10.0.0.1", "10.0.0.2", "198.51.100.2"], 2);
  expect(found).toEqual([
    { router: "10.0.0.1", source: "interface", addresses: ["10.0.0.1", "10.0.0.2"] },
  ]);
  routers.configure([{ name: "r8", addresses: ["10.0.0.8", "10.0.1.8"] }], "");
  for (const at of [3, 4]) routers.learnt("b", ["10.0.0.8", "10.0.1.8", "198.51.100.2"], at);
  expect(found.slice(1).map(({ router, source }) => [router, source])).toEqual([
    ["r8", "inventory"],
  ]);
  expect(routers.routerOf("10.0.1.8")?.router).toBe("r8");
  // The same address twice in a row is a router that counts TTLs oddly, and the destination is no router.
  routers.learnt("c", ["10.0.0.8", "10.0.0.8", "10.0.1.8"], 5);
  expect(found).toHaveLength(2);
});
