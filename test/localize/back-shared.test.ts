import { expect, test } from "vitest";
import type { FlowEvidence, LocalizeCase } from "../../src/localize/case.ts";
import { FlowPool } from "../../src/localize/flow-pool.ts";
import { localize } from "../../src/localize/localize.ts";
import { finish, flow } from "../support/scene.ts";

/**
 * A target behind three routers and one last one, which one flow of three gets no answer from, whichever router it goes by.
 * @param traced so many of these were swept
 * @param heard so many hops answered the sweeps; the last router is the fourth
 */
function target(name: string, traced: number, heard = 4): LocalizeCase {
  let swept = 0;
  const flows = Array.from({ length: 48 }, (_, index): FlowEvidence => {
    const spine = "abc"[index % 3] ?? "";
    const path = ["r", spine, `${spine}2`, "l", name];
    if (Math.floor(index / 3) % 3 > 0) return { ...flow("r", 0, 12), path };
    swept += 1;
    const seen = swept <= traced ? path.slice(0, heard) : [];
    return { ...flow("r", 12, 12, { seen, last_hop: seen.at(-1) ?? "unknown" }), path };
  });
  return { target: name, flows, known_links: [] };
}

function sharedBy(cases: readonly LocalizeCase[]) {
  const pool = new FlowPool<string>();
  for (const each of cases) pool.put(each.target, each);
  return finish(pool.explain());
}

test("what several targets show of a broken way back helps the one of which hardly a flow is traced", () => {
  const cases = [target("t1", 16), target("t2", 16), target("t3", 3, 3)];
  const shared = sharedBy(cases);
  expect(shared.isBackDead).toBe(true);
  const confidence = (known?: typeof shared): number => {
    const { suspects } = localize(cases[2] as LocalizeCase, known);
    return suspects.find(({ place }) => place === "return")?.confidence ?? 0;
  };
  expect(confidence(shared)).toBeGreaterThan(confidence());
});

test("one target whose answers get lost says nothing of the way back of others", () => {
  const others = [target("t2", 0), target("t3", 0)].map((each) => ({
    ...each,
    flows: each.flows.map((one) => ({ ...one, failures: 0, streak: 0 })),
  }));
  expect(sharedBy([target("t1", 16), ...others]).isBackDead ?? false).toBe(false);
});
