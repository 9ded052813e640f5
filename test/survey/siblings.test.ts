import { describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { siblingsIn } from "../../src/survey/siblings.ts";

const TARGET = "192.0.2.10";

/** Ways as the letters of their hops, `*` for silence; each letter is an address. */
function ways(...told: readonly string[]) {
  return told.map((letters, index) => ({
    flow: { sourcePort: 61_000 + index } as ProbedFlow,
    hops: [...[...letters].map((letter) => (letter === "*" ? null : letter)), TARGET],
  }));
}

const nobody = (): undefined => undefined;

/** The groups found, each as its routers' names. */
function groups(
  told: ReturnType<typeof ways>,
  routerOf: (address: string) => string | undefined = nobody,
) {
  return siblingsIn(told, routerOf).map(({ routers }) => [...routers.keys()].sort().join(""));
}

describe("addresses that may be fewer routers'", () => {
  test("follow on one hop, and flows come to them from several", () => {
    expect(groups(ways("hax", "hay", "hbx", "hby"))).toEqual(["xy", "xy"]);
  });

  test("are none where each follows on one hop only", () => {
    expect(groups(ways("hax", "hay", "hbz", "hbw"))).toEqual([]);
  });

  test("are none where the hop before is not known, or is the destination's own", () => {
    expect(groups(ways("h*x", "h*y"))).toEqual([]);
  });

  test("are told by their router where it is known, and all of a TTL are looked at then", () => {
    const routerOf = (address: string) => (["x", "y"].includes(address) ? "r" : undefined);
    const told = ways("hax", "hay", "hbx", "hby", "haz", "hbz", "hcw");
    expect(groups(told, routerOf)).toEqual(["rz", "rz", "rwz"]);
  });

  test("have a hop before as a witness, and one behind where they are the first", () => {
    const [group] = siblingsIn(ways("hax", "hay", "hbx", "hby"), nobody);
    const [[reached] = []] = [...(group?.routers.values() ?? [])];
    if (group === undefined || reached === undefined) throw new Error("no group");
    expect(group.witnessOf(reached)).toMatchObject({ ttl: 2 });
  });
});
