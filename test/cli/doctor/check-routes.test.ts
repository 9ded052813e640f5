import { expect, test } from "vitest";
import { checkRoutes } from "../../../src/cli/doctor/check-routes.ts";
import type { LookedAt, TargetRoutes } from "../../../src/cli/doctor/host-facts.ts";
import { lookupOf, nextHopsOf, tableOf } from "../../../src/cli/doctor/read-routes.ts";
import { cleanHost, lookedAt } from "../../support/doctor-facts.ts";

const other = { dev: "eth1", gateway: "" };

test("probes are sent where a rule sends connections, and it is said where they cannot be", () => {
  const looked = lookedAt();
  const connections = [{ value: other, sourcePort: 61_000 }];
  const check = (obstacle: TargetRoutes["obstacle"]) => {
    const targets = [{ ...looked, routes: { ...looked.routes, connections, obstacle } }];
    return checkRoutes(cleanHost({ targets }));
  };
  const parted =
    "service: raw packets leave by 10.0.0.1 on eth0, a connection from port 61000 by eth1: a rule of ip rule or several uplinks part them.";
  expect(check({ value: undefined })).toEqual([
    {
      level: "ok",
      topic: "routes",
      message: `${parted} Probes are sent the way of connections.`,
    },
  ]);
  for (const obstacle of [{ value: "there is a NAT" }, { unread: "there is a NAT" }]) {
    expect(check(obstacle)).toMatchObject([
      {
        level: "warning",
        message: `${parted} Probes cannot be sent the way of connections: there is a NAT.`,
        fix: expect.stringContaining("method: connect"),
      },
    ]);
  }
});

test("uplinks are found that connections are spread over, and only then", () => {
  const of = (looked: LookedAt, four: number) =>
    checkRoutes(
      cleanHost({
        targets: [{ ...looked, routes: { ...looked.routes, nextHops: { value: 2 } } }],
        hashPolicies: { 4: four, 6: 0 },
      }),
    )[0]?.message;
  expect(of(lookedAt(), 1)).toContain("over 2 uplinks");
  expect(of(lookedAt(), 0)).toBe("Probes leave by the way that connections take.");
  // The kernel hashes more than addresses of IPv6, whatever the policy.
  expect(of(lookedAt({ from: "fd::1", to: "fd::2" }), 0)).toContain("over 2 uplinks");
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
