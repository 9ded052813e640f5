import { describe, expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

const TARGET = "192.0.2.10";

/** One flow a way; those that die were swept as far as so many hops. */
function flowsOf(ways: readonly string[][], dies: (way: string[]) => boolean, seenTo: number) {
  return ways.map((path, bucket) => {
    const dead = dies(path);
    const seen = dead ? path.slice(0, seenTo) : [];
    const swept = { path, seen, last_hop: seen.at(-1) ?? TARGET };
    return flow("", dead ? 20 : 0, 20, { bucket, source_port: 50_000 + bucket, ...swept });
  });
}

/** Ways over three spines, to each of which two links lead, as two more lead on: every router answers by the address that a packet came to. */
const SPINES = Array.from({ length: 48 }, (_, n): string[] => {
  const [spine, link, on] = [n % 3, Math.floor(n / 3) % 2, Math.floor(n / 6) % 2];
  return ["10.0.0.1", `10.1.${spine}.${link}`, `10.2.${spine}.${on}`, "10.3.0.1", TARGET];
});

/** @param spine what the address begins with that packets die at */
function suspects(spine: string, seenTo: number) {
  const flows = flowsOf(SPINES, ([, at = ""]) => at.startsWith(spine), seenTo);
  return localize({ target: TARGET, flows, known_links: [] }).suspects;
}

describe("a router that several links lead to", () => {
  test("is one suspect where it is dead", () => {
    expect(suspects("10.1.1.", 1)).toMatchObject([
      { place: "router", from: "10.0.0.1", to: "10.1.1.0" },
    ]);
  });

  test("is one suspect where it answers and passes nothing on", () => {
    expect(suspects("10.1.1.", 2)).toMatchObject([{ place: "router", from: "10.1.1.0" }]);
  });

  test("is none where one of the links is dead", () => {
    expect(suspects("10.1.1.1", 1)).toMatchObject([
      { place: "link", from: "10.0.0.1", to: "10.1.1.1" },
    ]);
  });
});

describe("a router of which an inventory knows three addresses", () => {
  /** Three routers behind three, each of which answers by the address that a packet came to. */
  const path = (n: number): string[] => {
    const [a, b] = [n % 3, Math.floor(n / 3) % 3];
    return ["10.0.0.1", `10.1.0.${a}`, `10.2.${a}.${b}`, `10.3.0.${b}`, TARGET];
  };
  const routers = Object.fromEntries(
    [0, 1, 2].flatMap((b) => [0, 1, 2].map((a) => [`10.2.${a}.${b}`, `b${b}`])),
  );

  test("is not suspected where two of the links to it are dead and the third works", () => {
    const ways = Array.from({ length: 45 }, (_, n) => path(n));
    const flows = flowsOf(ways, ([, , b = ""]) => ["10.2.0.1", "10.2.1.1"].includes(b), 2);
    const found = localize({ target: TARGET, flows, known_links: [], routers }).suspects;
    // Both have one name, the router's that they lead to, so they are told once.
    expect(found).toMatchObject([{ place: "link", name: "b1", to: "10.2.0.1" }]);
  });
});

test("a link into one of a last router's addresses is told where others of them are met behind one router's cables, and sweeps have gaps", () => {
  // One router behind `r` has the addresses c, d and e, by as many cables, and two cables lead on from it; h and j are two more.
  const working = ["arcf", "arcg", "ardf", "aref", "arhi"].flatMap((way) =>
    Array.from({ length: 6 }, () => flow(way, 0, 9)),
  );
  const failing = ["arjk", "a.jk", "..jk", ".r.k", "arj", "arjk", ".rjk", "arjk"].map((seen) =>
    flow(seen === "arjk" ? seen : null, 9, 9, { seen: hopsOf(seen), last_hop: seen.at(-1) ?? "" }),
  );
  const { suspects } = localize({ target: TO, flows: [...working, ...failing], known_links: [] });
  expect(suspects).toMatchObject([{ place: "link", from: "j", to: "k", name: "k" }]);
  expect(suspects[0]?.confidence).toBeLessThanOrEqual(0.85);
  const places = suspects[0]?.alternatives.map(({ place, from, to }) => `${place} ${from} ${to}`);
  expect(places).toEqual(expect.arrayContaining([`router k ${TO}`, `link k ${TO}`]));
});
