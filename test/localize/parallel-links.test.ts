import { describe, expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow } from "../support/scene.ts";

const TARGET = "192.0.2.10";

/** Ways over three spines, to each of which two links lead, as two more lead on: every router answers by the address that a packet came to. */
function ways(): { spine: number; link: number; path: string[] }[] {
  const all: { spine: number; link: number; path: string[] }[] = [];
  for (let n = 0; n < 48; n += 1) {
    const spine = n % 3;
    const link = Math.floor(n / 3) % 2;
    const on = Math.floor(n / 6) % 2;
    all.push({
      spine,
      link,
      path: ["10.0.0.1", `10.1.${spine}.${link}`, `10.2.${spine}.${on}`, "10.3.0.1", TARGET],
    });
  }
  return all;
}

function suspects(isDead: (way: { spine: number; link: number }) => boolean, seenTo: number) {
  const flows = ways().map(({ spine, link, path }, bucket) => {
    const dead = isDead({ spine, link });
    const base = flow("abc", dead ? 20 : 0, 20);
    const seen = dead ? path.slice(0, seenTo) : [];
    return {
      ...base,
      bucket,
      source_port: 50_000 + bucket,
      path,
      seen,
      last_hop: seen.at(-1) ?? TARGET,
    };
  });
  return localize({ target: TARGET, flows, known_links: [] }).suspects;
}

describe("a router that several links lead to", () => {
  test("is one suspect where it is dead", () => {
    expect(suspects(({ spine }) => spine === 1, 1)).toMatchObject([
      { place: "router", from: "10.0.0.1", to: "10.1.1.0" },
    ]);
  });

  test("is one suspect where it answers and passes nothing on", () => {
    expect(suspects(({ spine }) => spine === 1, 2)).toMatchObject([
      { place: "router", from: "10.1.1.0" },
    ]);
  });

  test("is none where one of the links is dead", () => {
    expect(suspects(({ spine, link }) => spine === 1 && link === 1, 1)).toMatchObject([
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
    const flows = Array.from({ length: 45 }, (_, bucket) => {
      const own = path(bucket);
      const dead = own[2] === "10.2.0.1" || own[2] === "10.2.1.1";
      const seen = dead ? own.slice(0, 2) : [];
      const base = flow("abc", dead ? 20 : 0, 20);
      return {
        ...base,
        bucket,
        source_port: 50_000 + bucket,
        path: own,
        seen,
        last_hop: seen.at(-1) ?? TARGET,
      };
    });
    const found = localize({ target: TARGET, flows, known_links: [], routers }).suspects;
    // Both have one name, the router's that they lead to, so they are told once.
    expect(found).toMatchObject([{ place: "link", name: "b1", to: "10.2.0.1" }]);
  });
});
