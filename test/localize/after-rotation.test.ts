import { expect, test } from "vitest";
import type { LocalizeCase } from "../../src/localize/case.ts";
import { FlowPool } from "../../src/localize/flow-pool.ts";
import { localize } from "../../src/localize/localize.ts";
import { finish, flow, TO } from "../support/scene.ts";

/** Links of before the rotation: four ways from r on. */
const LINKS = ["ra", "rb", "rc", "rd", "aw", "bx", "cy", "dz"].map(
  (pair) => [...pair] as unknown as [string, string],
);
const DEAD = { probes: 6, failures: 6 };

/** A target whose flows are new: nothing is known of the ways of those that work; of those that fail one may be traced, to `b`. */
function target(name: string, traced: boolean): LocalizeCase {
  const { probes, failures } = DEAD;
  const failing = Array.from({ length: 8 }, (_, at) =>
    traced && at === 0
      ? flow(null, failures, probes, { seen: ["r", "b"], last_hop: "b" })
      : flow(null, failures, probes),
  );
  const working = Array.from({ length: 24 }, () => flow(null, 0, probes));
  const last = ["w", "x", "y", "z"].map((hop): [string, string] => [hop, name]);
  return { target: name, flows: [...failing, ...working], known_links: [...LINKS, ...last] };
}

test("where all flows are new, a few that were traced place the fault for the targets of which none was", () => {
  const pool = new FlowPool<string>();
  const cases = [target(TO, false), target("t1", true), target("t2", true), target("t3", true)];
  for (const each of cases) pool.put(each.target, each);
  const shared = finish(pool.explain());
  expect(shared.faults).toMatchObject([{ place: { name: expect.stringMatching(/^[bx]$/) } }]);
  for (const each of cases) {
    const { verdict, suspects } = localize(each, shared);
    expect(verdict).toBe("path_fault");
    expect(suspects).toMatchObject([{ from: "b", segment: "forward" }]);
  }
});

test("the pool does not take what is dead for an outage because nothing is known of the ways of what works", () => {
  const pool = new FlowPool<string>();
  pool.put("t1", target("t1", true));
  pool.put("t2", target("t2", true));
  expect(finish(pool.explain()).faults).toHaveLength(1);
});
