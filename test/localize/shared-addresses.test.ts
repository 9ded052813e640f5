import { expect, test } from "vitest";
import { withoutSharedAddresses } from "../../src/localize/shared-addresses.ts";

const TARGET = "192.0.2.10";
const flow = (path: (string | null)[], bucket = 0) => ({
  bucket,
  source_port: 61_000 + bucket,
  path,
  seen: [],
  probes: 10,
  failures: 0,
  last_hop: TARGET,
});
const masked = (...paths: (string | null)[][]) =>
  withoutSharedAddresses({
    target: TARGET,
    flows: paths.map(flow),
    known_links: [["10.0.0.1", "192.0.0.8"]],
  });

test("an address that is nobody's is a silent hop, and its links are not known", () => {
  const { flows, known_links } = masked(["10.0.0.1", "192.0.0.8", TARGET]);
  expect(flows[0]?.path).toEqual(["10.0.0.1", null, TARGET]);
  expect(known_links).toEqual([]);
});

test("so is one that several flows meet at two TTLs, but not one that a single flow does", () => {
  const twice = ["10.0.0.1", "10.0.0.9", "10.0.0.2", "10.0.0.9", TARGET];
  expect(masked(twice, twice).flows[0]?.path).toEqual(["10.0.0.1", null, "10.0.0.2", null, TARGET]);
  expect(masked(twice).flows[0]?.path).toEqual(twice);
});

test("so is the target's own address where a translator on the way answers with it", () => {
  const { flows } = masked([TARGET, "10.0.0.2", TARGET]);
  expect(flows[0]?.path).toEqual([null, "10.0.0.2", TARGET]);
});
