import { describe, expect, test } from "vitest";
import { networkOf } from "../../../src/http/page/network-model.js";
import { failing, targetJson, VIP, working } from "../../support/target-json.ts";

const PATHS = {
  left: ["10.0.0.1", "10.0.0.2", VIP],
  right: ["10.0.0.1", "10.0.0.3", VIP],
};

type Network = ReturnType<typeof networkOf>;

function edge(network: Network, from: string, to: string) {
  return network.edges.find((one) => one.from === from && one.to === to);
}

function node(network: Network, key: string) {
  return network.nodes.find((one) => one.key === key);
}

describe("a network that works", () => {
  const network = networkOf(
    targetJson(PATHS, [working(0, "left"), working(1, "right"), working(2, "right")]),
  );

  test("has a column for every TTL, the source first and the target last", () => {
    const columns = network.nodes.map(({ key, column }) => [key, column]);
    expect(Object.fromEntries(columns)).toEqual({
      source: 0,
      "10.0.0.1": 1,
      "10.0.0.2": 2,
      "10.0.0.3": 2,
      destination: 3,
    });
  });

  test("has links with the flows that cross them and what these lost", () => {
    expect(edge(network, "source", "10.0.0.1")).toMatchObject({
      buckets: [0, 1, 2],
      probes: 120,
      failures: 0,
    });
    expect(edge(network, "10.0.0.1", "10.0.0.3")).toMatchObject({ buckets: [1, 2], probes: 80 });
    expect(network.stubs).toEqual([]);
  });

  test("knows the way of each bucket", () => {
    expect(network.ways.get(0)).toEqual([
      "source",
      "source > 10.0.0.1",
      "10.0.0.1",
      "10.0.0.1 > 10.0.0.2",
      "10.0.0.2",
      "10.0.0.2 > destination",
      "destination",
    ]);
  });
});

describe("a flow that fails", () => {
  test("ends in a stub behind the last hop that answered its sweep, and the link beyond is without flows", () => {
    const network = networkOf(
      targetJson(PATHS, [working(0, "left"), failing(1, "right", ["10.0.0.1", "10.0.0.3"])]),
    );
    expect(network.stubs).toMatchObject([{ from: "10.0.0.3", buckets: [1] }]);
    expect(edge(network, "10.0.0.1", "10.0.0.3")).toMatchObject({
      buckets: [1],
      failing: 1,
      failures: 40,
    });
    expect(edge(network, "10.0.0.3", "destination")).toMatchObject({ buckets: [], failures: 40 });
    expect(network.ways.get(1)?.at(-1)).toBe("stub 10.0.0.3");
  });

  test("whose sweep nobody answered dies at the exporter", () => {
    const network = networkOf(targetJson(PATHS, [failing(1, "right", "none")]));
    expect(network.stubs).toMatchObject([{ from: "source", buckets: [1] }]);
  });

  test("that was not traced is not drawn, and counted", () => {
    const network = networkOf(targetJson(PATHS, [failing(1, "right", "unknown")]));
    expect(network.untraced).toEqual([1]);
    expect(network.ways.has(1)).toBe(false);
  });

  test("that the target refuses reaches the target", () => {
    const flow = { ...failing(1, "right", "unknown"), last_result: "refused", last_hop: VIP };
    const network = networkOf(targetJson(PATHS, [flow]));
    expect(network.stubs).toEqual([]);
    expect(node(network, "destination")).toMatchObject({ buckets: [1], failing: 1 });
  });

  test("fills silent hops of its sweep from its path, and keeps its own where they disagree", () => {
    const known = networkOf(targetJson(PATHS, [failing(1, "right", [null, "10.0.0.3"])]));
    expect(known.ways.get(1)).toContain("10.0.0.1");
    const other = networkOf(targetJson(PATHS, [failing(1, "right", [null, "10.0.0.2"])]));
    expect(other.ways.get(1)).toContain("silent bucket 1 1");
  });
});

test("silent hops of different paths are never one, even at the same TTL", () => {
  const paths = { a: ["10.0.0.1", null, VIP], b: ["10.0.0.1", null, VIP] };
  const network = networkOf(targetJson(paths, [working(0, "a"), working(1, "b")]));
  expect(network.nodes.filter(({ kind }) => kind === "silent")).toHaveLength(2);
});

test("addresses of one router are one node with all its names, and no link leads from it to itself", () => {
  const hops = [
    { address: "10.0.0.2", name: "et-0.r2.example.net", router: "r2" },
    { address: "10.0.0.3", name: "et-1.r2.example.net", router: "r2" },
  ];
  const paths = { ...PATHS, odd: ["10.0.0.1", "10.0.0.2", "10.0.0.3", VIP] };
  const network = networkOf(targetJson(paths, [working(0, "odd")], { hops }));
  expect(node(network, "r2")).toMatchObject({
    addresses: ["10.0.0.2", "10.0.0.3"],
    names: ["et-0.r2.example.net", "et-1.r2.example.net"],
  });
  expect(edge(network, "r2", "r2")).toBeUndefined();
});

describe("a suspect", () => {
  const flows = [working(0, "left"), failing(1, "right", ["10.0.0.1", "10.0.0.3"])];
  const marked = (suspect: object) => {
    const network = networkOf(targetJson(PATHS, flows, { suspects: [suspect] }));
    const keys = [...network.nodes, ...network.edges, ...network.stubs];
    return keys.filter(({ suspect: accused }) => accused).map(({ key }) => key);
  };

  test("link stands out, with the stub where its flows die", () => {
    const found = marked({ from: "10.0.0.1", to: "10.0.0.3", place: "link", segment: "forward" });
    expect(found).toEqual(["10.0.0.1 > 10.0.0.3", "stub 10.0.0.3"]);
  });

  test("router stands out as a node, whether the link beside it leads to it, from it or nowhere", () => {
    const router = { place: "router", name: "10.0.0.3", segment: "forward" };
    const nodes = (link: object) =>
      marked({ ...router, ...link }).filter((key) => !/[ >]/.test(key));
    expect(nodes({ from: "10.0.0.1", to: "10.0.0.3" })).toEqual(["10.0.0.3"]);
    expect(nodes({ from: "10.0.0.3", to: VIP })).toEqual(["10.0.0.3"]);
    expect(nodes({ from: "10.0.0.3", to: null })).toEqual(["10.0.0.3"]);
    expect(nodes({ from: "10.0.0.1", to: "10.0.0.2", name: "10.0.0.2" })).toEqual(["10.0.0.2"]);
  });

  test("behind a hop whose next is not known is its stub", () => {
    expect(marked({ from: "10.0.0.3", to: null, place: "beyond", segment: "forward" })).toEqual([
      "stub 10.0.0.3",
    ]);
  });

  test("on the way back marks nothing of the way there", () => {
    expect(
      marked({ from: "10.0.0.1", to: "10.0.0.3", place: "return", segment: "return" }),
    ).toEqual([]);
  });
});
