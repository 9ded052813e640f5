import { describe, expect, test } from "vitest";
import { pathId, pathNumber } from "../../src/topology/path-id.ts";

describe("pathId", () => {
  test("is the beginning of the SHA-256 that sha256sum gives for the hops", () => {
    // printf '10.0.0.1>*>192.0.2.10' | sha256sum
    expect(pathId(["10.0.0.1", null, "192.0.2.10"])).toBe("f900f40e");
    // printf '2001:db8::1>2001:db8::2' | sha256sum
    expect(pathId(["2001:db8::1", "2001:db8::2"])).toBe("f52bab6a");
    // printf '' | sha256sum
    expect(pathId([])).toBe("e3b0c442");
  });

  test("tells the order of hops and silent hops apart", () => {
    const ids = [["a", "b"], ["b", "a"], ["a", null, "b"], [null, "a", "b"], ["a"]].map(pathId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("pathNumber", () => {
  test("reads the id as an unsigned number that a float holds exactly", () => {
    expect(pathNumber("00000000")).toBe(0);
    expect(pathNumber("3f9a21c0")).toBe(1_067_065_792);
    expect(pathNumber("ffffffff")).toBe(4_294_967_295);
    expect(
      pathNumber(pathId(["x"]))
        .toString(16)
        .padStart(8, "0"),
    ).toBe(pathId(["x"]));
  });
});
