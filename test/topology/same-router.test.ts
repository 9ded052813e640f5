import { expect, test } from "vitest";
import { SameRouter } from "../../src/topology/same-router.ts";

const HOUR_MS = 3_600_000;

test("addresses that were told to be one router's are a group, the lowest by number first", () => {
  const same = new SameRouter();
  same.join("10.0.0.10", "10.0.0.9", "interface", 0);
  same.join("10.0.0.9", "10.0.0.100", "subnet", 0);
  expect(same.groupOf("10.0.0.100")).toEqual(["10.0.0.9", "10.0.0.10", "10.0.0.100"]);
  expect(same.groupOf("10.0.0.1")).toBeUndefined();
  expect(same.groundOf("10.0.0.100")).toBe("subnet");
  expect(same.groundOf("10.0.0.9")).toBe("interface");
});

test("a group that holds two routers is given up whole and for good", () => {
  const same = new SameRouter();
  same.join("10.0.0.1", "10.0.0.2", "interface", 0);
  same.join("10.0.0.3", "10.0.0.4", "interface", 0);
  expect(same.refuse("10.0.0.2")).toEqual(["10.0.0.1", "10.0.0.2"]);
  same.join("10.0.0.1", "10.0.0.2", "interface", 1);
  expect(same.groupOf("10.0.0.1")).toBeUndefined();
  expect(same.groupOf("10.0.0.3")).toHaveLength(2);
});

test("what is not heard again for six hours is forgotten, and the version tells of changes only", () => {
  const same = new SameRouter();
  same.join("10.0.0.1", "10.0.0.2", "interface", 0);
  const { version } = same;
  same.join("10.0.0.1", "10.0.0.2", "interface", 5 * HOUR_MS);
  same.prune(10 * HOUR_MS);
  expect(same.version).toBe(version);
  expect(same.groupOf("10.0.0.1")).toHaveLength(2);
  same.prune(12 * HOUR_MS);
  expect(same.groupOf("10.0.0.1")).toBeUndefined();
  expect(same.version).toBeGreaterThan(version);
});

test("it remembers a bounded number of addresses", () => {
  const same = new SameRouter();
  for (let i = 0; i < 10_000; i += 1) {
    same.join(`10.1.${i >> 8}.${i & 255}`, `10.2.${i >> 8}.${i & 255}`, "interface", i);
  }
  expect(same.groupOf("10.1.0.0")).toBeUndefined();
  expect(same.groupOf("10.1.39.15")).toHaveLength(2);
});

test("it remembers a bounded number of those that it gave up", () => {
  const same = new SameRouter();
  for (let index = 0; index <= 4096; index += 1) {
    same.join(`a${index}`, `b${index}`, "subnet", 0);
    same.refuse(`a${index}`);
  }
  same.join("a0", "b0", "subnet", 0);
  same.join("a4096", "b4096", "subnet", 0);
  expect(same.groupOf("a0")).toHaveLength(2);
  expect(same.groupOf("a4096")).toBeUndefined();
});
