import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, locationAt, sceneOf, TO } from "../support/scene.ts";

/** Ways through a router that answers as b, c, f or g, to one that answers as d or e, and one through another router, x. */
const WAYS = ["abd", "ace", "afd", "age", "abe", "acd", "afe", "agd"];
const flows = [
  ...Array.from({ length: 24 }, (_, i) => flow(WAYS[i % 8] ?? "", 9 + (i % 3), 30)),
  ...Array.from({ length: 12 }, () => flow("axd", 0, 30)),
];

test("pairs of addresses of which all flows suffer and that share an end are one place", () => {
  const found = sceneOf(flows);
  const { members, picked } = locationAt(found, "aliases", "b");
  expect(members.map((member) => member.flow)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  expect(picked).toBeGreaterThan(0);
});

test("a router with several addresses behind one hop is told, and not the way back", () => {
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toMatchObject([{ segment: "forward" }]);
  expect(["b", "c", "f", "g"]).toContain(suspects[0]?.name);
});
