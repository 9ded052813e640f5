import { describe, expect, test } from "vitest";
import { parseCase } from "../../src/localize/case.ts";

const flow = {
  bucket: 0,
  source_port: 61001,
  path: ["10.0.0.1", null, "10.9.9.9"],
  seen: ["10.0.0.1"],
  probes: 30,
  failures: 30,
  last_hop: "10.0.0.1",
};

const text = (changes: object, flowChanges: object = {}): string =>
  JSON.stringify({
    target: "10.9.9.9",
    flows: [{ ...flow, ...flowChanges }],
    known_links: [["10.0.0.1", "10.0.1.2"]],
    ...changes,
  });

describe("parseCase", () => {
  test("takes a case as it stands", () => {
    expect(parseCase(text({}))).toEqual({
      target: "10.9.9.9",
      flows: [flow],
      known_links: [["10.0.0.1", "10.0.1.2"]],
    });
  });

  test("takes what is missing for empty or unknown", () => {
    const { known_links, flows } = parseCase(
      text({ known_links: undefined }, { seen: null, path: null, last_hop: null, streak: null }),
    );
    expect(known_links).toEqual([]);
    expect(flows).toEqual([{ ...flow, seen: [], path: null, last_hop: "unknown" }]);
  });

  test("keeps the streak where there is one", () => {
    expect(parseCase(text({}, { streak: 12 })).flows[0]?.streak).toBe(12);
  });

  test.each([
    ["[]", "case: expected an object"],
    [text({ target: "" }), "target: expected an address"],
    [text({ flows: {} }), "flows: expected a list"],
    [text({ flows: [null] }), "flows[0]: expected an object"],
    [text({}, { probes: -1 }), "flows[0].probes: expected a whole number of 0 or more"],
    [text({}, { failures: 31 }), "flows[0].failures: more failures than probes"],
    [text({}, { path: ["10.0.0.1", 7] }), "flows[0].path[1]: expected an address or null"],
    [text({}, { seen: "10.0.0.1" }), "flows[0].seen: expected a list"],
    [text({}, { last_hop: 3 }), 'flows[0].last_hop: expected an address, "none" or "unknown"'],
    [text({ known_links: [["10.0.0.1"]] }), "known_links[0]: expected two addresses"],
  ])("refuses %s", (line, message) => {
    expect(() => parseCase(line)).toThrow(message);
  });

  test("lets the message of broken JSON through", () => {
    expect(() => parseCase("{")).toThrow(SyntaxError);
  });
});
