import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { flow, TO } from "../support/scene.ts";

const ROUTERS = ["a", "b", "c", "d"];

/** Sixteen flows over each of four routers behind r; of those over each so many die behind r. */
function dying(counts: readonly number[], last: (router: string) => string): FlowEvidence[] {
  return ROUTERS.flatMap((router, at) =>
    Array.from({ length: 16 }, (_, index) => {
      const way = `r${router}${last(router)}`;
      if (index >= (counts[at] ?? 0)) return flow(way, 0, 10);
      return flow(way, 5, 5, { seen: ["r"], last_hop: "r" });
    }),
  );
}

describe("a share of what a router hands on dies", () => {
  test.each([
    ["one address", () => "l"],
    ["one for each link", (router: string) => router.toUpperCase()],
  ])(
    "behind the router where the flows took several links before, as after they have moved: the last router has %s",
    (_, last) => {
      const flows = dying([5, 4, 3, 2], last);
      const { suspects } = localize({ target: TO, flows, known_links: [] });
      expect(suspects).toMatchObject([{ from: "r", to: null, place: "beyond", name: "r" }]);
      expect(suspects[0]?.reason).toContain("14 of 64 flows fail behind r");
    },
  );

  test("on one link where all of them took it", () => {
    const flows = dying([0, 5, 0, 0], () => "l");
    const { suspects } = localize({ target: TO, flows, known_links: [] });
    expect(suspects).toMatchObject([{ from: "r", to: "b", place: "bundle" }]);
  });
});

test("some of the flows that enter what never answered are told behind the hop before, as no member of a bundle", () => {
  const flows = dying([0, 5, 0, 0], () => "l").map((each) => {
    const path = each.path?.map((hop) => (hop === "b" ? null : hop)) ?? null;
    return { ...each, path, seen: each.seen.filter((hop) => hop !== "b") };
  });
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toMatchObject([{ from: "r", to: null, place: "beyond" }]);
  expect(suspects[0]?.reason).toMatch(
    /^5 of \d+ flows fail behind r, at a hop that is silent or unknown/,
  );
});

describe("the last router drops what comes in by one link, after it has answered", () => {
  /** Sixteen flows over each of four routers; those over b end at what the last router answers there. */
  function ending(last: (router: string, index: number) => string, gaps = 0): FlowEvidence[] {
    return ROUTERS.flatMap((router) =>
      Array.from({ length: 16 }, (_, index) => {
        const way = `r${router}${router !== "b" && index < gaps ? "." : last(router, index)}`;
        if (router !== "b") return flow(way, 0, 10);
        return flow(way, 5, 5, { seen: [...way], last_hop: last(router, index) });
      }),
    );
  }

  test.each([
    ["one address", () => "l", "l"],
    [
      "any of several, whatever a packet comes by",
      (_: string, index: number) => "WXYZ"[index % 4] ?? "",
      "W",
    ],
  ])("the link into it where it answers with %s", (_, last, address) => {
    const { suspects } = localize({ target: TO, flows: ending(last), known_links: [] });
    expect(suspects).toMatchObject([{ from: "b", to: address, place: "link", name: address }]);
    const [{ confidence = 1, alternatives = [] } = {}] = suspects;
    expect(confidence).toBeLessThan(0.9);
    expect(alternatives).toContainEqual(
      expect.objectContaining({ from: "b", to: address, place: "router", name: address }),
    );
  });

  test.each([0, 3])(
    "the link into the address that it has there, not one on to the target, which all flows would cross, %i gaps",
    (gaps) => {
      const flows = ending((router) => router.toUpperCase(), gaps);
      const { suspects } = localize({ target: TO, flows, known_links: [] });
      expect(suspects).toMatchObject([{ from: "b", to: "B", place: "link", name: "B" }]);
      const [{ confidence = 1, alternatives = [] } = {}] = suspects;
      expect(confidence).toBeLessThan(0.9);
      expect(alternatives.map(({ place, from, to }) => `${place} ${from} ${to}`)).toEqual(
        expect.arrayContaining(["router B t", "link B t"]),
      );
    },
  );

  test("the link into the address that it has there, by whichever address the router before it answers", () => {
    // Two routers in front of four; each of these answers with an address for each of the two, the last one with one for each of the four.
    const flows = ROUTERS.flatMap((router, at) =>
      Array.from({ length: 16 }, (_, index) => {
        const near = index % 2 === 0 ? router : ("efgh"[at] ?? "");
        const way = `r${index % 2 === 0 ? "p" : "q"}${near}${router.toUpperCase()}`;
        if (router !== "b") return flow(way, 0, 10);
        return flow(way, 5, 5, { seen: [...way], last_hop: "B" });
      }),
    );
    const { suspects } = localize({ target: TO, flows, known_links: [] });
    expect(suspects).toMatchObject([{ from: "b", to: "B", place: "link", name: "B" }]);
    expect(suspects[0]?.confidence).toBeLessThan(0.9);
  });

  test("the link on to the target where an inventory says that the addresses are several routers'", () => {
    const routers = Object.fromEntries(
      ROUTERS.map((router) => [router.toUpperCase(), `leaf-${router}`]),
    );
    const flows = ending((router) => router.toUpperCase());
    const { suspects } = localize({ target: TO, flows, known_links: [], routers });
    expect(suspects.map(({ from }) => from)).toEqual(["B"]);
  });
});

test("behind the hop where sweeps end, as long as nobody has been seen to get from there to the target", () => {
  // Over b nobody has ever got an answer; the target stands as far behind the other routers as b's next hop does.
  const flows = ["a", "b", "c"].flatMap((router) =>
    Array.from({ length: 16 }, () =>
      router === "b"
        ? flow(null, 5, 5, { seen: ["r", "b"], last_hop: "b" })
        : flow(`r${router}`, 0, 10),
    ),
  );
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toMatchObject([{ from: "b", to: null, place: "beyond", name: "b" }]);
});

test("a router that drops everything since before the start: behind the hop where nearly all sweeps end, though one has ended elsewhere, and no way back beside it", () => {
  // Behind r: a, dead in both directions; b and c, each of which leads to x, y and z by a router between them.
  const dead = (seen: string, how: number): FlowEvidence[] =>
    Array.from({ length: how }, () =>
      flow(null, 9, 9, {
        seen: [...seen].map((hop) => (hop === "." ? null : hop)),
        last_hop: seen.at(-1) ?? "unknown",
      }),
    );
  const works = (way: string | null, how: number): FlowEvidence[] =>
    Array.from({ length: how }, () => flow(way, 0, 6));
  const flows = [
    ...dead("ra", 13),
    ...dead(".a", 4),
    ...dead("rbe", 1),
    ...dead("rbfx", 1),
    ...dead("rcix", 2),
    ...dead("rcjy", 2),
    ...dead("rbhz", 1),
    ...dead("rckz", 1),
    ...dead("", 9),
    ...works("rbfx", 2),
    ...works("rbgy", 2),
    ...works("rbhz", 2),
    ...works("rcix", 2),
    ...works("rcjy", 4),
    ...works("rckz", 4),
    ...works(null, 14),
  ];
  const links = [
    "ra",
    "rb",
    "rc",
    "be",
    "bf",
    "bg",
    "bh",
    "ci",
    "cj",
    "ck",
    "fx",
    "ix",
    "gy",
    "jy",
    "hz",
    "kz",
  ];
  const known = links.map((link) => [link[0] ?? "", link[1] ?? ""] as const);
  const { suspects } = localize({ target: TO, flows, known_links: known });
  expect(suspects).toMatchObject([{ from: "a", to: null, place: "beyond", name: "a" }]);
  expect(suspects[0]?.confidence).toBeGreaterThan(0.5);
});
