import { describe, expect, test } from "vitest";
import type { FlowEvidence, LocalizeCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { withWholeRouters } from "../../src/localize/whole-routers.ts";

const TARGET = "192.0.2.10";
const FIRST = "10.0.0.1";
/** Stage A: one address each. Stage B: four, of which the answer's way back chooses one. */
const A = ["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"];
const addressOfB = (router: number, back: number): string => `10.2.${back}.${router}`;
const routers = Object.fromEntries(
  [0, 1, 2, 3].flatMap((router) =>
    [0, 1, 2, 3].map((back) => [addressOfB(router, back), `b${router}`]),
  ),
);

/** Sixty-four flows over all pairs of routers; the address of the second by the flow alone. */
function flowsWhere(isDead: (a: number, b: number) => boolean): FlowEvidence[] {
  return Array.from({ length: 64 }, (_, index) => {
    const [a, b, back] = [index % 4, (index >> 2) % 4, (index * 7 + (index >> 4)) % 4];
    const path = [FIRST, A[a] ?? "", addressOfB(b, back), TARGET];
    const dead = isDead(a, b);
    return {
      bucket: index,
      source_port: 61_000 + index,
      path,
      seen: dead ? path.slice(0, 2) : [],
      probes: 12,
      failures: dead ? 6 : 0,
      streak: dead ? 6 : 0,
      last_hop: dead ? (A[a] ?? "") : TARGET,
    };
  });
}

function caseOf(isDead: (a: number, b: number) => boolean, named = routers): LocalizeCase {
  return { target: TARGET, flows: flowsWhere(isDead), known_links: [], routers: named };
}

describe("a router that answers with the address by which its answer leaves", () => {
  test("is told by one of its addresses, wherever flows meet it", () => {
    const { input } = withWholeRouters(caseOf((a, b) => a === 1 && b === 2));
    const met = new Set(input.flows.map(({ path }) => path?.[2]));
    expect([...met].sort()).toEqual([0, 1, 2, 3].map((router) => addressOfB(router, 0)));
    expect(input.whole).toEqual(
      Object.fromEntries([0, 1, 2, 3].map((router) => [addressOfB(router, 0), `b${router}`])),
    );
  });

  test("a dead link that leads to it is one suspect, called by the router", () => {
    const { verdict, suspects } = localize(caseOf((a, b) => a === 1 && b === 2));
    expect(verdict).toBe("path_fault");
    expect(suspects).toMatchObject([{ place: "link", name: "b2", from: A[1] }]);
    expect(suspects).toHaveLength(1);
  });

  test("is one suspect where it drops all", () => {
    const { suspects } = localize(caseOf((_, b) => b === 3));
    expect(suspects).toMatchObject([{ place: "router", name: "b3" }]);
    expect(suspects).toHaveLength(1);
  });

  test("keeps its addresses where each follows on one hop: they are links", () => {
    const incoming = caseOf(() => false);
    const flows = incoming.flows.map((flow, index) => ({
      ...flow,
      path: flow.path && [
        FIRST,
        A[index % 4] ?? "",
        addressOfB((index >> 2) % 4, index % 4),
        TARGET,
      ],
    }));
    const { input } = withWholeRouters({ ...incoming, flows });
    expect(input.flows).toEqual(flows);
    expect(input.whole).toBeUndefined();
  });

  test("keeps its addresses where one flow meets two of them: they are two routers'", () => {
    const told = caseOf(() => false);
    const [first, ...others] = told.flows;
    if (first === undefined) throw new Error("no flow");
    const path = [FIRST, addressOfB(0, 1), addressOfB(0, 2), TARGET];
    const { input } = withWholeRouters({ ...told, flows: [{ ...first, path }, ...others] });
    const met = new Set(input.flows.map((flow) => flow.path?.[2]));
    expect([0, 1, 2, 3].every((back) => met.has(addressOfB(0, back)))).toBe(true);
  });
});

describe("a router that links side by side lead to, from each of several routers, and that answers with the address of each link", () => {
  /** Three routers of three addresses each, and a last one of nine: three for each of these. Flows over the first of the three are dead. */
  const near = [0, 1, 2].map((router) => [0, 1, 2].map((cable) => `10.3.${router}.${cable}`));
  const last = [0, 1, 2].map((router) => [0, 1, 2].map((cable) => `10.4.${router}.${cable}`));
  const flows = Array.from({ length: 54 }, (_, index): FlowEvidence => {
    const [router, there, on] = [index % 3, Math.floor(index / 3) % 3, Math.floor(index / 9) % 3];
    const path = [FIRST, near[router]?.[there] ?? "", last[router]?.[on] ?? "", TARGET];
    const dead = router === 0;
    return {
      bucket: index,
      source_port: 61_000 + index,
      path,
      seen: dead ? [FIRST] : [],
      probes: 12,
      failures: dead ? 6 : 0,
      streak: dead ? 6 : 0,
      last_hop: dead ? FIRST : TARGET,
    };
  });
  const named = Object.fromEntries(last.flat().map((address) => [address, "t1"]));

  test("keeps its addresses, each of which stands for a link", () => {
    const input = { target: TARGET, flows, known_links: [], routers: named };
    expect(withWholeRouters(input).input).toBe(input);
  });

  test("leaves a dead router before it one suspect, known whose the last addresses are or not", () => {
    for (const routers of [{}, named]) {
      const { suspects } = localize({ target: TARGET, flows, known_links: [], routers });
      expect(suspects).toMatchObject([{ place: "router" }]);
      expect(near[0]).toContain(suspects[0]?.name);
    }
  });
});
