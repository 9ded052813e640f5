import { describe, expect, test } from "vitest";
import { Network, SOURCE } from "../../src/localize/network.ts";
import { connectSiblings } from "../../src/localize/sibling-links.ts";

/** The network that these ways of one letter a hop lead through, to the destination `t`. */
function networkOf(...ways: readonly string[]): Network {
  const network = new Network("t");
  for (const way of ways) {
    const ids = [SOURCE, ...[...`${way}t`].map((hop) => network.answering(hop))];
    ids.slice(1).forEach((to, at) => {
      network.connect(ids[at] ?? SOURCE, to, 1);
    });
  }
  return network;
}

function nextOf(network: Network, hop: string): (string | null | undefined)[] {
  return [...network.next(network.answering(hop)).keys()]
    .map((id) => network.hops[id]?.address)
    .sort();
}

describe("connectSiblings", () => {
  test("lets addresses of one router lead on to the same, whichever of them was seen to", () => {
    // b and c answer for one router, met from a and from d: both lead to x, and only b was seen to lead to y.
    const network = networkOf("rabx", "raby", "rdcx");
    connectSiblings(network, {});
    expect(nextOf(network, "c")).toEqual(["x", "y"]);
    const [b, c, y] = ["b", "c", "y"].map((hop) => network.answering(hop)) as [
      number,
      number,
      number,
    ];
    expect(network.isBorrowed(c, y)).toBe(true);
    expect(network.isBorrowed(b, y)).toBe(false);
  });

  test("takes the addresses that somebody names as one router's for that", () => {
    const network = networkOf("rabx", "rdcy");
    connectSiblings(network, { b: "spine1", c: "spine1" });
    expect(nextOf(network, "b")).toEqual(["x", "y"]);
    expect(nextOf(network, "c")).toEqual(["x", "y"]);
  });

  test("leaves several routers behind one hop apart", () => {
    const network = networkOf("rbx", "rby", "rcx");
    connectSiblings(network, {});
    expect(nextOf(network, "c")).toEqual(["x"]);
  });

  test("expects as many next hops of a hop as another behind the same one has", () => {
    const network = networkOf("rbx", "rby", "rbz", "rcw");
    connectSiblings(network, {});
    expect(network.unseenNext(network.answering("c"))).toBe(2);
    expect(network.unseenNext(network.answering("b"))).toBe(0);
  });
});
