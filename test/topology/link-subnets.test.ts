import { describe, expect, test } from "vitest";
import { LinkSubnets, linkMates } from "../../src/topology/link-subnets.ts";

test("the other end of a link is in the /31 or /30, the /127 or /126", () => {
  expect(linkMates("10.0.0.1")).toEqual(["10.0.0.0", "10.0.0.2"]);
  expect(linkMates("10.0.0.2")).toEqual(["10.0.0.3", "10.0.0.1"]);
  expect(linkMates("10.0.0.4")).toEqual(["10.0.0.5"]);
  expect(linkMates("10.0.0.3")).toEqual(["10.0.0.2"]);
  expect(linkMates("2001:db8::2")).toEqual(["2001:db8::3", "2001:db8::1"]);
});

describe("subnets of links", () => {
  /** Adds the way of so many flows, and tells what was concluded last. */
  function conclude(
    subnets: LinkSubnets,
    flows: number,
    hops: readonly (string | null)[],
    incoming: Readonly<Record<string, string>>,
    first = 0,
  ): [string, string][] {
    let found: [string, string][] = [];
    for (let flow = first; flow < first + flows; flow += 1) {
      found = subnets.add(`service ${flow}`, hops, (hop) => incoming[hop]);
    }
    return found;
  }
  // b's incoming interface is 10.9.0.2; the other end of its link, 10.9.0.1, answers somewhere else.
  const INCOMING = { "10.0.0.20": "10.9.0.2" };
  const WAY = ["10.0.0.1", "10.0.0.7", "10.0.0.20"];

  test("prove that the other end of the link is the router before it", () => {
    const subnets = new LinkSubnets();
    conclude(subnets, 1, ["10.9.0.1"], {});
    expect(conclude(subnets, 9, WAY, INCOMING)).toEqual([]);
    expect(conclude(subnets, 1, WAY, INCOMING, 9)).toEqual([["10.0.0.7", "10.9.0.1"]]);
  });

  test("prove nothing while no hop has answered with the other end", () => {
    expect(conclude(new LinkSubnets(), 20, WAY, INCOMING)).toEqual([]);
  });

  test("prove nothing where flows come to the interface from several neighbours", () => {
    const subnets = new LinkSubnets();
    conclude(subnets, 1, ["10.9.0.1"], {});
    conclude(subnets, 1, ["10.0.0.1", "10.0.0.8", "10.0.0.20"], INCOMING, 100);
    expect(conclude(subnets, 20, WAY, INCOMING)).toEqual([]);
  });

  test("prove nothing by addresses that merely answer: those of a numbering plan are neighbours, too", () => {
    const subnets = new LinkSubnets();
    conclude(subnets, 20, ["10.0.0.1", "10.0.0.2", "10.0.0.4"], {});
    expect(conclude(subnets, 20, ["10.0.0.1", "10.0.0.3", "10.0.0.5"], {}, 20)).toEqual([]);
  });

  test("prove nothing of an address that the same flow meets elsewhere", () => {
    const subnets = new LinkSubnets();
    expect(conclude(subnets, 20, ["10.9.0.1", "10.0.0.7", "10.0.0.20"], INCOMING)).toEqual([]);
  });
});
