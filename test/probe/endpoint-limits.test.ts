import { describe, expect, test } from "vitest";
import type { ProbedTarget } from "../../src/probe/probed-flow.ts";
import { synAck } from "../support/answers.ts";
import { tokenLimit } from "../support/limited-service.ts";
import type { Behaviour } from "../support/memory-network.ts";
import { ProberRig } from "../support/prober-rig.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { spread } from "../support/simulated-routers.ts";
import { makeTarget } from "../support/target.ts";

const TARGET = { flowBuckets: 64, intervalMs: 2000, timeoutMs: 1000 } as const;

/** A service that answers while `answers` says so. */
function service(answers: (at: number, port: number) => boolean): Behaviour {
  return (sent) =>
    !sent.reset && answers(sent.at, sent.sourcePort) ? [{ afterMs: 2, packet: synAck(sent) }] : [];
}

function rigOf(answers: (at: number, port: number) => boolean): {
  rig: ProberRig;
  target: ProbedTarget;
} {
  const rig = new ProberRig(service(answers));
  return { rig, target: rig.add(makeTarget(TARGET)) };
}

describe("a target that limits the rate of its answers", () => {
  test("is probed at half of it, and nothing is lost any more", () => {
    const limit = tokenLimit(20, 5);
    const { rig, target } = rigOf((at) => limit(at));
    rig.run(15_000);
    expect(target.rateLimit).toMatchObject({ proven: true });
    expect(target.rateLimit?.perSecond).toBeGreaterThan(16);
    expect(target.rateLimit?.perSecond).toBeLessThan(25);
    expect(rig.rateLimits.map((told) => told?.proven)).toEqual([false, true]);
    rig.outcomes.length = 0;
    rig.run(60_000);
    expect(rig.tally()).toEqual({ answered: rig.outcomes.length });
    expect(rig.outcomes.length / 60).toBeGreaterThan(7);
    expect(rig.outcomes.length / 60).toBeLessThan(14);
  });

  test("has flows that die confirmed all the same, and the limit answers all others", () => {
    const [limit, dead] = [tokenLimit(4, 2), { since: Number.POSITIVE_INFINITY }];
    const { rig, target } = rigOf((at, port) => !(port % 4 === 0 && at >= dead.since) && limit(at));
    rig.run(90_000, 10);
    expect(target.rateLimit).toMatchObject({ proven: true });
    const from = rig.outcomes.length;
    dead.since = rig.clock.monotonic();
    rig.run(95_000, 10);
    const ends = rig.outcomes.slice(from);
    const flows = target.flows
      .flatMap((flow) => flow ?? [])
      .filter(({ sourcePort }) => sourcePort % 4 === 0);
    // A round takes 32 s; without confirmations none would have failed more than three times.
    const confirmed = flows.filter(({ failures }) => failures >= 4);
    expect(confirmed.length).toBeGreaterThan(0.25 * flows.length);
    const lost = ends.filter(
      ({ flow, outcome }) => outcome.kind === "failed" && !flows.includes(flow),
    );
    expect(lost).toEqual([]);
  });

  test("gets its own pace back after five minutes, for good where the limit is gone", () => {
    const limit = tokenLimit(20, 5);
    let limited = true;
    const { rig, target } = rigOf((at) => !limited || limit(at));
    rig.run(20_000);
    expect(target.rateLimit?.proven).toBe(true);
    limited = false;
    rig.run(300_000, 20);
    expect(target.rateLimit).toBeUndefined();
    rig.outcomes.length = 0;
    rig.run(20_000);
    expect(rig.tally()).toEqual({ answered: rig.outcomes.length });
    expect(rig.outcomes.length).toBeGreaterThan(600);
  });

  test("is slowed down again where the limit is still there", () => {
    const limit = tokenLimit(20, 5);
    const { rig } = rigOf((at) => limit(at));
    rig.run(340_000, 20);
    expect(rig.rateLimits.map((told) => told?.proven)).toEqual([
      false,
      true,
      undefined,
      false,
      true,
    ]);
  });

  test("is none whose flows are dead, lossy or all dead", () => {
    for (const answers of [
      (_: number, port: number) => port % 4 !== 0,
      (at: number, port: number) => port % 2 !== 0 || (at * 7919 + port * 104_729) % 10 > 3,
      () => false,
    ]) {
      const { rig, target } = rigOf(answers);
      rig.run(60_000);
      expect(target.rateLimit).toBeUndefined();
      expect(rig.rateLimits).toEqual([]);
    }
  });

  test("is none where flows die for a while and then work again", () => {
    const random = seeded(printedSeed("healed"));
    for (let round = 0; round < 12; round += 1) {
      const [salt, ends] = [random.between(0, 2 ** 31), random.between(40_000, 80_000)];
      const rig = new ProberRig(
        service((at, port) => at < 20_000 || at > ends || spread(port, salt) % 4 > 0),
      );
      rig.add(makeTarget({ ...TARGET, intervalMs: 10_000 }));
      rig.run(ends + 15_000, 10);
      expect(rig.rateLimits, `salt ${salt}, ends at ${ends}`).toEqual([]);
    }
  });

  test("is none where flows die and are probed more often for it", () => {
    for (const intervalMs of [2000, 5000, 10_000]) {
      for (const share of [4, 8, 16]) {
        let dead = false;
        const rig = new ProberRig(
          service((_, port) => !dead || (port * 2_654_435_761) % share >= 1),
        );
        const target = rig.add(makeTarget({ ...TARGET, intervalMs }));
        rig.run(20_000, 20);
        dead = true;
        rig.run(60_000, 20);
        expect(target.rateLimit).toBeUndefined();
        expect(rig.rateLimits).toEqual([]);
      }
    }
  });

  test("is given its own pace back at once where being slow changes nothing, and keeps it", () => {
    let sent = 0;
    // Packets are spread one by one over two branches, of which one is dead: answers come as evenly as those of a limit.
    const { rig, target } = rigOf(() => {
      sent += 1;
      return sent % 2 === 0;
    });
    rig.run(200_000);
    expect(target.rateLimit).toBeUndefined();
    expect(rig.rateLimits.map((told) => told?.proven)).toEqual([false, undefined]);
  });
});
