import { describe, expect, test } from "vitest";
import { TellingHops } from "../../src/survey/telling-hops.ts";

/** Hops of TTL 3 behind these hops before; what is agreed on in each place. */
function telling(agreed: Readonly<Record<string, string | null | undefined>>): TellingHops {
  const hops = new TellingHops((place) => agreed[place]);
  for (const place of Object.keys(agreed)) hops.met(3, place.replace("3 behind ", ""), place);
  return hops;
}

describe("TellingHops", () => {
  test("tell the hop before where each place has a hop of its own", () => {
    const hops = telling({ "3 behind a": "x", "3 behind b": "y" });
    expect(hops.tells(3)).toBe(true);
    expect(hops.before(3, "x")).toBe("a");
    expect(hops.before(3, "y")).toBe("b");
    expect(hops.before(3, "z")).toBeUndefined();
    expect(hops.tells(2)).toBe(false);
  });

  test("tell nothing where two places have the same hop, one is silent or not agreed on, or there is one only", () => {
    for (const other of ["x", null, undefined]) {
      const hops = telling({ "3 behind a": "x", "3 behind b": other, "3 behind c": "y" });
      expect(hops.tells(3)).toBe(false);
      expect(hops.before(3, "y")).toBeUndefined();
    }
    expect(telling({ "3 behind a": "x" }).tells(3)).toBe(false);
  });

  test("tell nothing while a place is new, and after all is forgotten", () => {
    const hops = telling({ "3 behind a": "x", "3 behind b": "y" });
    hops.met(3, "c", "3 behind c");
    expect(hops.tells(3)).toBe(false);
    const others = telling({ "3 behind a": "x", "3 behind b": "y" });
    others.clear();
    expect(others.tells(3)).toBe(false);
  });
});
