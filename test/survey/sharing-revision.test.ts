import { expect, test } from "vitest";
import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { CommonHops } from "../../src/survey/common-hops.ts";
import { SharedHopInference } from "../../src/survey/shared-hop-inference.ts";
import { nextPort } from "../support/next-port.ts";
import { makeProbed } from "../support/probed-flow.ts";
import { type Random, seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const TARGETS = 5;
const FLOWS = 10;
const TTLS = [1, 2, 3];
const STEPS = 500;

/** A target's inference with its flows. */
interface Asked {
  readonly inference: SharedHopInference;
  readonly flows: readonly ProbedFlow[];
}

const keyer = new FlowKeyer(Buffer.alloc(32, 1));

function targetsOf(common: CommonHops): Asked[] {
  return Array.from({ length: TARGETS }, (_, at) => {
    const target = makeProbed({ flowBuckets: FLOWS, to: `198.51.100.${at + 1}` });
    const flows = Array.from(
      { length: FLOWS },
      (_, bucket) => new ProbedFlow(target, bucket, nextPort(target.rings, bucket, 0), keyer),
    );
    return { inference: new SharedHopInference(common), flows };
  });
}

/** What stands before a TTL: one hop mostly, so that places fill. */
function before(random: Random, ttl: number): string {
  return ttl === 1 ? "source" : `10.0.${ttl - 1}.${random.next() < 0.8 ? 1 : 2}`;
}

/** All that is said of a target's flows but of one, which has just been asked itself. */
function saidOf({ inference, flows }: Asked, common: CommonHops, but: ProbedFlow): string {
  const said: unknown[] = [[...common.branching].sort()];
  for (const ttl of TTLS) {
    said.push(inference.tells(ttl), inference.before(ttl, `10.0.${ttl}.1`) ?? "-");
    const places = [null, ...(ttl === 1 ? ["source"] : [1, 2].map((n) => `10.0.${ttl - 1}.${n}`))];
    for (const place of places) {
      said.push(inference.shared(ttl, place) ?? "-", inference.shared(ttl, place) === null);
      for (const flow of flows) if (flow !== but) said.push(inference.waits(flow, ttl, place));
    }
  }
  return JSON.stringify(said);
}

test("as long as the revision of what is shared is the same, every flow is told the same", () => {
  const random = seeded(printedSeed("what is shared"));
  const common = new CommonHops();
  const targets = targetsOf(common);
  let same = 0;
  let changed = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const acting = random.pick(targets);
    const flow = random.pick(acting.flows);
    const told = targets.map((target) => ({
      target,
      revision: target.inference.revision,
      said: saidOf(target, common, flow),
    }));
    const ttl = random.pick(TTLS);
    const place = before(random, ttl);
    const chance = random.next();
    if (chance < 0.45) acting.inference.asked(flow, ttl, place);
    else if (chance < 0.8) {
      const hop = random.next() < 0.05 ? null : `10.0.${ttl}.${random.next() < 0.97 ? 1 : 2}`;
      acting.inference.met(flow, ttl, place, hop);
    } else if (chance < 0.9) acting.inference.ended(flow);
    else if (chance < 0.97) acting.inference.ended(flow, [[ttl, place]]);
    else if (chance < 0.99) acting.inference.doubts(flow, ttl, place);
    else common.age();
    for (const { target, revision, said } of told) {
      if (target.inference.revision !== revision) {
        expect(target.inference.revision).toBeGreaterThan(revision);
        changed += 1;
        continue;
      }
      same += 1;
      expect(saidOf(target, common, flow)).toBe(said);
    }
  }
  // Both happen often, or the test would say nothing.
  expect(same).toBeGreaterThan(STEPS);
  expect(changed).toBeGreaterThan(STEPS / 2);
});
