import { expect, test } from "vitest";
import { checkRoutes } from "../../../src/cli/doctor/check-routes.ts";
import { lookupOf, nextHopsOf, tableOf } from "../../../src/cli/doctor/read-routes.ts";
import { cleanHost, lookedAt } from "../../support/doctor-facts.ts";

const other = { dev: "eth1", gateway: "" };

test("probes that leave by another way than connections are found", () => {
  const looked = lookedAt();
  const connections = [{ value: other, sourcePort: 61_000 }];
  const targets = [{ ...looked, routes: { ...looked.routes, connections } }];
  expect(checkRoutes(cleanHost({ targets }))).toMatchObject([
    {
      level: "warning",
      message:
        "service: probes leave by 10.0.0.1 on eth0, a connection from port 61000 by eth1: a rule of ip rule or several uplinks part them.",
    },
  ]);
});

test("uplinks are found that connections are spread over by their ports, and only then", () => {
  const looked = lookedAt();
  const targets = [{ ...looked, routes: { ...looked.routes, nextHops: { value: 2 } } }];
  const policies = (four: number) => cleanHost({ targets, hashPolicies: { 4: four, 6: 0 } });
  expect(checkRoutes(policies(1))[0]?.message).toContain("over 2 uplinks");
  expect(checkRoutes(policies(0))).toMatchObject([{ level: "ok" }]);
});

test("a target that is probed by connections is left to the kernel", () => {
  const looked = lookedAt({ method: "connect" });
  const probe = { unread: "no route" };
  const targets = [{ ...looked, routes: { ...looked.routes, probe } }];
  expect(checkRoutes(cleanHost({ targets }))).toMatchObject([{ level: "ok" }]);
});

test("what ip says is read, and why it says nothing", () => {
  expect(lookupOf({ value: '[{"dst":"1.1.1.1","gateway":"10.0.0.1","dev":"eth0"}]' })).toEqual({
    value: { dev: "eth0", gateway: "10.0.0.1" },
  });
  expect(lookupOf({ value: '[{"dev":"eth0","via":{"family":"inet6","host":"fe80::1"}}]' })).toEqual(
    {
      value: { dev: "eth0", gateway: "fe80::1" },
    },
  );
  expect(lookupOf({ unread: "ip is not installed" })).toEqual({ unread: "ip is not installed" });
  expect(lookupOf({ value: "no json" })).toEqual({ unread: "ip's answer is no JSON" });
  expect(tableOf({ value: '[{"dst":"1.1.1.1","dev":"eth0","table":"77"}]' })).toBe("77");
  expect(tableOf({ value: '[{"dst":"1.1.1.1","dev":"eth0"}]' })).toBe("main");
  expect(tableOf({ unread: "ip is not installed" })).toBe("main");
  const routes = [
    { dst: "default", nexthops: [1, 2, 3] },
    { dst: "192.0.2.0/24", nexthops: [1, 2] },
    { dst: "192.0.0.0/16" },
  ];
  expect(nextHopsOf({ value: JSON.stringify(routes) })).toEqual({ value: 2 });
  expect(nextHopsOf({ value: "[]" })).toEqual({ value: 1 });
});
