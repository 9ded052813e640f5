import { describe, expect, it } from "vitest";
import { localize } from "../../src/localize/localize.ts";

const TARGET = "198.51.100.1";
/** The broken one of four routers of the second stage has an address on the link from each of the first stage. */
const BROKEN = ["10.2.2.2", "10.2.2.3", "10.2.2.4"];
/** The address of the last router on the link from the broken one. */
const BEHIND = "10.3.0.4";

/** What differs from a network whose hops all have addresses of their own. */
interface Oddity {
  /** The address of the first router, and of those of the first stage. */
  readonly first?: string;
  readonly stage?: string;
  readonly broken?: string;
  /** Failing flows are not swept. */
  readonly unswept?: boolean;
}

/** A router, stages of three and of four, and one more; all answer with the address by which a packet comes in. */
function suspectsOf({ first = "10.0.0.1", stage, broken, unswept = false }: Oddity) {
  const flows = Array.from({ length: 64 }, (_, bucket) => {
    const [one, two] = [(bucket * 5) % 3, (bucket >> 2) % 4];
    const second = two === 2 && broken !== undefined ? broken : `10.2.${two}.${one + 2}`;
    const path = [first, stage ?? `10.1.${one}.1`, second, `10.3.0.${two + 2}`, TARGET];
    const dead = two === 2;
    return {
      bucket,
      source_port: 61_000 + bucket,
      path,
      seen: dead && !unswept ? path.slice(0, 3) : [],
      probes: 10,
      failures: dead ? 5 : 0,
      last_hop: dead ? (unswept ? "unknown" : second) : TARGET,
      ...(dead ? { streak: 5 } : {}),
    };
  });
  const known_links = flows.flatMap(({ path }) =>
    path.slice(1).map((to, at) => [path[at] ?? "", to] as const),
  );
  return localize({ target: TARGET, flows, known_links }).suspects;
}

describe("a router that answers and passes nothing on", () => {
  it.each([
    ["with addresses of everybody's own", {}],
    ["behind a first router that answers with an address of nobody's", { first: "192.0.0.8" }],
    ["behind a stage that answers with the target's address", { stage: TARGET }],
    ["which nobody has swept", { unswept: true }],
  ])("is named, and not the next one by its address on that link: %s", (_, oddity) => {
    const suspects = suspectsOf(oddity);
    expect(suspects.map(({ place, segment }) => `${place} ${segment}`)).toEqual(["router forward"]);
    for (const { name, from, to } of suspects) {
      expect(BROKEN).toContain(name);
      expect([...BROKEN, "10.1.0.1", "10.1.1.1", "10.1.2.1"]).toContain(from);
      expect([...BROKEN, BEHIND]).toContain(to);
    }
  });

  it("may as well be the one link by which failing flows leave it", () => {
    const [suspect] = suspectsOf({});
    expect(suspect?.alternatives).toContainEqual(
      expect.objectContaining({ place: "link", to: BEHIND, name: BEHIND }),
    );
  });

  it("lies behind the stage before it where it has no address of its own, and is never the next one itself", () => {
    const suspects = suspectsOf({ broken: "192.0.0.8" });
    expect(suspects).toHaveLength(1);
    for (const { place, from, to } of suspects) {
      expect(["link", "beyond"]).toContain(place);
      expect(from).toMatch(/^10\.1\./);
      expect([null, BEHIND]).toContain(to);
    }
  });
});

describe("a router that passes nothing to one of two behind it", () => {
  /** Three routers, one, two, and one more: the one in the middle answers with an address for each of the three before it. */
  const middle = (one: number): string => `10.2.${one}.2`;
  const suspects = (() => {
    const flows = Array.from({ length: 64 }, (_, bucket) => {
      const [one, two] = [(bucket * 5) % 3, bucket % 2];
      const path = [
        "10.0.0.1",
        `10.1.${one}.1`,
        middle(one),
        `10.3.${two}.2`,
        `10.4.${two}.2`,
        TARGET,
      ];
      const dead = two === 0;
      return {
        bucket,
        source_port: 61_000 + bucket,
        path,
        seen: dead ? path.slice(0, 3) : [],
        probes: 10,
        failures: dead ? 5 : 0,
        last_hop: dead ? middle(one) : TARGET,
        ...(dead ? { streak: 5 } : {}),
      };
    });
    return localize({ target: TARGET, flows, known_links: [] }).suspects;
  })();

  it("works: what is named is the far end of that link", () => {
    expect(suspects.map(({ name, to }) => [name, to])).toEqual([["10.3.0.2", "10.3.0.2"]]);
    expect(suspects.map(({ place }) => place)).not.toContain("beyond");
    expect([0, 1, 2].map(middle)).toContain(suspects[0]?.from);
  });
});

describe("a link that loses a part of what crosses it", () => {
  /** Flows that cross the link from the second router of the first stage to the third of the second lose three of ten packets. */
  function lossy() {
    const flows = Array.from({ length: 64 }, (_, bucket) => {
      const [one, two] = [bucket % 4, (bucket >> 2) % 4];
      const path = [
        "10.0.0.1",
        `10.1.${one}.1`,
        `10.2.${two}.${one + 2}`,
        `10.3.0.${two + 2}`,
        TARGET,
      ];
      const failures = one === 1 && two === 2 ? 3 : 0;
      const swept = { seen: failures > 0 ? path : [], last_hop: failures > 0 ? TARGET : "unknown" };
      return {
        bucket,
        source_port: 61_000 + bucket,
        path,
        probes: 10,
        failures,
        streak: 0,
        ...swept,
      };
    });
    const known_links = flows.flatMap(({ path }) =>
      path.slice(1).map((to, at) => [path[at] ?? "", to] as const),
    );
    return { target: TARGET, flows, known_links };
  }

  it("is the one into the router, for all that comes by other links would suffer of the one out of it", () => {
    const { suspects } = localize(lossy());
    expect(suspects.map(({ from, to, place }) => `${place} ${from} ${to}`)).toEqual([
      "link 10.1.1.1 10.2.2.3",
    ]);
  });

  it("is the one into the router as well where a sweep got no further than to it", () => {
    const input = lossy();
    const flows = input.flows.map((flow, at) => {
      const seen = flow.path.slice(0, 3);
      // One of four: the packets behind were lost.
      return flow.failures > 0 && at < 16 ? { ...flow, seen, last_hop: seen.at(-1) ?? "" } : flow;
    });
    const [first] = localize({ ...input, flows }).suspects;
    expect(first).toMatchObject({ from: "10.1.1.1", to: "10.2.2.3", place: "link" });
  });
});
