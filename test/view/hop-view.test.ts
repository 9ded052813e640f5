import { expect, test } from "vitest";
import { TargetPaths } from "../../src/verdict/target-paths.ts";
import { onPathView } from "../../src/view/hop-view.ts";
import { address } from "../support/address.ts";
import { makeFlow } from "../support/probed-flow.ts";

const noName = { nameOf: (): undefined => undefined, routerOf: (): undefined => undefined };

test("a way of which nothing is known shows nothing", () => {
  expect(onPathView(new TargetPaths(0), 0, noName)).toEqual({
    nat: null,
    dscp_change: null,
    hops: [],
  });
});

test("hops show what they answered and what they are called, and those of paths are there without", () => {
  const paths = new TargetPaths(0);
  paths.topology.learn(makeFlow(), ["10.0.0.1", null, "10.0.0.3", "198.51.100.2"], 0);
  paths.onPath.add(
    {
      responder: address("10.0.0.3"),
      ttl: 3,
      quotedTtl: 1,
      dscp: 8,
      translation: {
        source: { address: address("203.0.113.9"), port: 1025 },
        destination: undefined,
      },
      mpls: [{ label: 24_015, trafficClass: 5, bottom: true, ttl: 1 }],
      interfaces: [
        { role: "incoming", index: 7, address: address("10.0.1.3"), name: "eth1", mtu: undefined },
      ],
    },
    5,
  );
  const names = new Map([["10.0.0.3", "r3.example.net"]]);
  const naming = {
    nameOf: (hop: string) => names.get(hop),
    routerOf: (hop: string) => (hop === "10.0.0.3" ? "r3" : undefined),
  };
  const unheard = {
    ttl: null,
    quoted_ttl: null,
    dscp: null,
    translated: null,
    mpls: [],
    interfaces: [],
    name: null,
    router: null,
  };
  expect(onPathView(paths, 46, naming)).toEqual({
    nat: {
      replies: 1,
      from_ttl: 3,
      source: { address: "203.0.113.9", port: 1025 },
      destination: null,
    },
    dscp_change: { sent: 46, received: 8, from_ttl: 3 },
    hops: [
      {
        address: "10.0.0.3",
        name: "r3.example.net",
        router: "r3",
        ttl: 3,
        quoted_ttl: 1,
        dscp: 8,
        translated: true,
        mpls: [[{ label: 24_015, traffic_class: 5, bottom: true, ttl: 1 }]],
        interfaces: [{ role: "incoming", index: 7, address: "10.0.1.3", name: "eth1", mtu: null }],
      },
      { ...unheard, address: "10.0.0.1" },
      { ...unheard, address: "198.51.100.2" },
    ],
  });
});
