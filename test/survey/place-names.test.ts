import { describe, expect, it } from "vitest";
import { PlaceNames } from "../../src/survey/place-names.ts";

describe("the name of a place", () => {
  it("is another for every TTL and every hop before", () => {
    const places = new PlaceNames();
    const names = [1, 2, 12].flatMap((ttl) =>
      ["source", "10.0.0.1", "2 behind 10.0.0.1"].map((before) => places.of(ttl, before)),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("is the same for the same place, also after more places than are kept", () => {
    const places = new PlaceNames();
    const name = places.of(3, "10.0.0.1");
    expect(places.of(3, "10.0.0.1")).toBe(name);
    for (let hop = 0; hop < 10_001; hop += 1) places.of(3, `10.${hop}`);
    expect(places.of(3, "10.0.0.1")).toBe(name);
  });
});
