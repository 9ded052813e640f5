import { describe, expect, test } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import { parseAddress } from "../../src/packet/address.ts";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import type { TraceResult } from "../../src/trace/trace.ts";
import { Assessor } from "../../src/verdict/assessor.ts";
import { flowsOf } from "../support/metrics-rig.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

/** An assessor over targets whose flows are probed once a second of simulated time. */
class Rig {
  readonly told: [string, string][] = [];
  readonly tooFew: [string, number, number][] = [];
  /** What sweeps of failing flows of a target meet, where it is not the first hop alone. */
  readonly seen: Map<ProbedTarget, readonly string[]> = new Map();
  readonly broken: [string | undefined, string][] = [];
  readonly traced: Map<ProbedFlow, TraceResult> = new Map();
  readonly assessor: Assessor = new Assessor({
    clock: () => {
      this.now += this.lookMs;
      return this.now;
    },
    traced: (flow) => this.traced.get(flow),
    routers: {
      version: 0,
      routerOf: (address) => (address === "10.0.0.3" ? { router: "r3" } : undefined),
    },
    onVerdict: ({ target }, { verdict }) => this.told.push([target.name, verdict]),
    onTooFewBuckets: ({ target }, width, needed) => this.tooFew.push([target.name, width, needed]),
    onBrokenOff: (target, error) => this.broken.push([target?.target.name, String(error)]),
  });
  readonly #targets: ProbedTarget[] = [];
  /** Targets of which no path is known and no failing flow is traced. */
  readonly untraced: Set<ProbedTarget> = new Set();
  now = 1000;
  /** How long a look at the clock takes. */
  lookMs = 0;

  add(name: string, to: string, flows = 16): ProbedTarget {
    const target = makeProbed({ name, to, flowBuckets: flows });
    for (let bucket = 0; bucket < flows; bucket += 1) {
      const flow = makeFlowOf(target, bucket, 61_000 + bucket);
      target.flows.push(flow);
      const hops = ["10.0.0.1", `10.0.0.${2 + (bucket % 4)}`, "10.0.0.9", to];
      this.assessor.of(target).topology.learn(flow, hops, this.now);
    }
    this.#targets.push(target);
    return target;
  }

  /** Probes every flow once a second; `fails` says which are lost. */
  run(seconds: number, fails: (flow: ProbedFlow) => boolean): void {
    for (let second = 0; second < seconds; second += 1) {
      for (const target of this.#targets) {
        for (const flow of flowsOf(target)) this.#probe(flow, fails(flow));
      }
      for (let turn = 0; turn < 20; turn += 1) {
        this.now += 50;
        this.assessor.turn(this.now);
      }
    }
  }

  /** A target whose flows take the same ways, though nobody has seen it yet. */
  addUntraced(name: string, to: string): ProbedTarget {
    const target = makeProbed({ name, to, flowBuckets: 16 });
    for (let bucket = 0; bucket < 16; bucket += 1) {
      target.flows.push(makeFlowOf(target, bucket, 61_000 + bucket));
    }
    this.untraced.add(target);
    this.#targets.push(target);
    return target;
  }

  standing(target: ProbedTarget): Localization {
    return this.assessor.of(target).hysteresis.standing;
  }

  #probe(flow: ProbedFlow, failed: boolean): void {
    flow.state = failed ? "failing" : "up";
    this.assessor.of(flow.target).evidence.add(flow, failed, this.now);
    if (!failed) {
      this.traced.delete(flow);
      return;
    }
    if (this.untraced.has(flow.target)) return;
    const seen = this.seen.get(flow.target) ?? ["10.0.0.1"];
    const result = { lastHop: "10.0.0.1", lastHopTtl: 1, seen, reached: false, way: [] };
    this.traced.set(flow, { ...result, wholeAt: 0, destinationTtl: undefined });
  }
}

const none = (): boolean => false;
const all = (): boolean => true;
const quarter = ({ bucket }: ProbedFlow): boolean => bucket % 4 === 0;

describe("Assessor", () => {
  test("names a suspect by the identity of its router", () => {
    const rig = new Rig();
    const target = rig.add("a", "192.0.2.1");
    for (const flow of flowsOf(target)) {
      if (flow.bucket % 4 !== 1) continue;
      const seen = ["10.0.0.1"];
      const ends = { lastHop: "10.0.0.1", lastHopTtl: 1, reached: false, way: [] };
      rig.traced.set(flow, { ...ends, seen, wholeAt: 0, destinationTtl: undefined });
    }
    rig.run(20, () => false);
    rig.run(30, (flow) => flow.bucket % 4 === 1);
    expect(rig.standing(target).suspects.map(({ name }) => name)).toEqual(["r3"]);
  });

  test("says healthy once probes have been answered, and a path fault with its link once some fail", () => {
    const rig = new Rig();
    const target = rig.add("vip", "198.51.100.2");
    expect(rig.standing(target).verdict).toBe("indeterminate");
    rig.run(20, none);
    expect(rig.standing(target).verdict).toBe("healthy");
    rig.run(60, quarter);
    expect(rig.standing(target)).toMatchObject({
      verdict: "path_fault",
      suspects: [{ from: "10.0.0.1", to: "10.0.0.2" }],
    });
    rig.run(60, none);
    expect(rig.standing(target)).toMatchObject({ verdict: "healthy", suspects: [] });
    expect(rig.told.map(([, verdict]) => verdict)).toEqual(["healthy", "path_fault", "healthy"]);
  });

  test("shows what the flows of two targets have in common at a third that nobody has traced yet", () => {
    const rig = new Rig();
    const traced = [rig.add("a", "198.51.100.2"), rig.add("b", "198.51.100.3")];
    const untraced = rig.addUntraced("c", "198.51.100.4");
    rig.run(20, none);
    rig.run(60, quarter);
    const [first] = rig.standing(untraced).suspects;
    expect(first).toMatchObject({ from: "10.0.0.1", to: "10.0.0.2", place: "link" });
    for (const target of [...traced, untraced]) {
      expect(rig.standing(target)).toMatchObject({
        verdict: "path_fault",
        suspects: [{ from: "10.0.0.1", to: "10.0.0.2", name: first?.name }],
      });
    }
    rig.run(60, none);
    expect(rig.standing(untraced)).toMatchObject({ verdict: "healthy", suspects: [] });
  });

  test("tells nobody of a smaller fault while flows of two targets come back one after the other", () => {
    const rig = new Rig();
    const back = [rig.add("a", "198.51.100.2", 64), rig.add("b", "198.51.100.3", 64)];
    const seldom = rig.addUntraced("c", "198.51.100.4");
    rig.run(20, none);
    rig.run(60, quarter);
    for (let second = 1; second <= 16; second += 1) {
      const isBack = ({ target, bucket }: ProbedFlow): boolean =>
        back.includes(target) && bucket < 4 * second;
      rig.run(1, (flow) => quarter(flow) && !isBack(flow));
      const [first] = rig.assessor.conclude(seldom, rig.now).suspects;
      expect(first).toMatchObject({ from: "10.0.0.1", to: "10.0.0.2", place: "link" });
    }
    rig.run(10, none);
    expect(rig.standing(seldom)).toMatchObject({ verdict: "healthy", suspects: [] });
  });

  test("suspects nobody, and not the way back, while no failing flow has been traced", () => {
    const rig = new Rig();
    const untraced = rig.addUntraced("c", "198.51.100.4");
    rig.run(20, none);
    rig.run(60, quarter);
    expect(rig.standing(untraced)).toMatchObject({ verdict: "path_fault", suspects: [] });
  });

  test("tells of an error of its own at the one target whose failures bring it about, and accuses nobody there", () => {
    const rig = new Rig();
    const odd = rig.add("odd", "198.51.100.2");
    const other = rig.add("other", "198.51.100.3");
    // No sweep can show this: it stands for whatever the program does not reckon with.
    rig.seen.set(odd, [Symbol("no address") as unknown as string]);
    rig.run(20, none);
    rig.run(30, quarter);
    expect(rig.standing(odd)).toMatchObject({ verdict: "indeterminate", suspects: [] });
    expect(rig.standing(odd).reason).toMatch("error of its own: TypeError");
    expect(rig.standing(other)).toMatchObject({
      verdict: "path_fault",
      suspects: [{ from: "10.0.0.1", to: "10.0.0.2" }],
    });
    expect(rig.broken).toContainEqual(["odd", expect.stringMatching("TypeError")]);
    expect(rig.broken).not.toContainEqual(["other", expect.anything()]);
  });

  test("keeps to the place of outages that come back again and again while none is under way", () => {
    const rig = new Rig();
    const target = rig.add("db", "192.0.2.9");
    const crosses = (flow: ProbedFlow): boolean => flow.bucket % 4 === 0;
    rig.run(20, () => false);
    rig.run(10, crosses);
    expect(rig.standing(target)).toMatchObject({
      verdict: "path_fault",
      suspects: [{ from: "10.0.0.1", to: "10.0.0.2" }],
    });
    rig.run(15, () => false);
    expect(rig.standing(target).verdict).toBe("healthy");
    rig.run(10, crosses);
    const { verdict, suspects } = rig.standing(target);
    expect(suspects).toMatchObject([{ from: "10.0.0.1", to: "10.0.0.2" }]);
    for (let second = 0; second < 25; second += 1) {
      rig.run(1, () => false);
      expect(rig.standing(target)).toMatchObject({ verdict, suspects });
    }
    rig.run(10, () => false);
    expect(rig.standing(target).verdict).toBe("healthy");
  });

  test("says target down where one target fails whole and another works", () => {
    const rig = new Rig();
    const down = rig.add("down", "198.51.100.2");
    const works = rig.add("works", "198.51.100.3");
    rig.run(60, ({ target }) => target === down);
    expect(rig.standing(down).verdict).toBe("target_down");
    expect(rig.standing(works).verdict).toBe("healthy");
  });

  test("says source fault where all targets fail whole, at several addresses", () => {
    const rig = new Rig();
    const targets = [rig.add("one", "198.51.100.2"), rig.add("two", "198.51.100.3")];
    rig.run(20, none);
    rig.run(90, all);
    for (const target of targets) {
      expect(rig.standing(target).verdict).toBe("source_fault");
      expect(rig.standing(target).reason).toContain("All 2 targets at 2 addresses fail at once");
    }
  });

  test("does not blame the source for one address that fails under two names", () => {
    const rig = new Rig();
    const targets = [rig.add("one", "198.51.100.2"), rig.add("two", "198.51.100.2")];
    rig.run(90, all);
    for (const target of targets) expect(rig.standing(target).verdict).toBe("target_down");
  });

  test("says source fault while packets cannot be sent, and no longer", () => {
    const rig = new Rig();
    const target = rig.add("vip", "198.51.100.2");
    rig.run(20, none);
    const paths = rig.assessor.of(target);
    const [flow] = target.flows;
    if (flow === undefined) throw new Error("no flow");
    for (let probe = 0; probe < 3; probe += 1) {
      const error = { kind: "invalid", reason: "send_error", code: "ENETUNREACH" } as const;
      paths.unsent.outcome(flow, error, rig.now);
    }
    rig.run(20, none);
    expect(rig.standing(target)).toMatchObject({ verdict: "source_fault", suspects: [] });
    expect(rig.standing(target).reason).toContain("could not be sent");
    rig.run(40, none);
    expect(rig.standing(target).verdict).toBe("healthy");
  });

  test("that no hop answers is no fault of the source where a router reports the failures", () => {
    const rig = new Rig();
    const target = rig.addUntraced("vip", "198.51.100.2");
    const silence: TraceResult = {
      lastHop: "none",
      lastHopTtl: null,
      seen: [],
      reached: false,
      wholeAt: 0,
      destinationTtl: undefined,
      way: [],
    };
    for (const flow of flowsOf(target)) rig.traced.set(flow, silence);
    rig.run(20, all);
    expect(rig.standing(target).verdict).toBe("source_fault");
    const { reported } = rig.assessor.of(target);
    const [flow] = flowsOf(target);
    if (flow === undefined) throw new Error("no flow");
    const by = (address: string) =>
      ({ kind: "failed", reason: "unreachable", responder: parseAddress(address) }) as const;
    reported.outcome(flow, by(target.target.source.text), rig.now);
    rig.run(10, all);
    expect(rig.standing(target).verdict).toBe("source_fault");
    reported.outcome(flow, by("10.0.0.1"), rig.now);
    rig.run(20, all);
    expect(rig.standing(target).verdict).toBe("target_down");
  });

  test("tells once that the width seen asks for more buckets than there are", () => {
    const rig = new Rig();
    const narrow = rig.add("narrow", "198.51.100.2", 4);
    rig.add("enough", "198.51.100.3", 16);
    rig.run(30, none);
    // Four next hops need 16 flows to be seen with 95 % (MDA's table of stopping points, without its last factor).
    expect(rig.tooFew).toEqual([["narrow", 4, rig.assessor.of(narrow).bucketsNeeded]]);
    expect(rig.assessor.of(narrow).bucketsNeeded).toBeGreaterThan(8);
  });

  test("works two milliseconds a turn, on each target every five seconds, however many there are", () => {
    const rig = new Rig();
    const targets = Array.from({ length: 40 }, (_, at) =>
      rig.add(`t${at}`, `198.51.100.${at + 2}`, 2),
    );
    const due = () => targets.filter((t) => rig.assessor.of(t).nextAt <= rig.now).length;
    // Every look at the clock takes a millisecond: a slice is two looks long.
    rig.lookMs = 1;
    rig.now += 6000;
    for (let left = 40; left > 0; left = due()) {
      expect(due()).toBe(left);
      rig.assessor.turn(rig.now);
      expect(left - due()).toBeLessThanOrEqual(2);
      expect(due()).toBeLessThan(left);
    }
    const at = rig.now;
    for (const target of targets) {
      const { nextAt } = rig.assessor.of(target);
      expect(nextAt - at).toBeGreaterThan(4000);
      expect(nextAt - at).toBeLessThanOrEqual(5000);
    }
  });

  test("forgets a target that is gone", () => {
    const rig = new Rig();
    const target = rig.add("vip", "198.51.100.2");
    rig.run(20, none);
    rig.assessor.forget(target);
    expect(rig.standing(target).verdict).toBe("indeterminate");
    expect(rig.assessor.of(target).topology.paths()).toEqual([]);
  });
});

test("a target that is gone is not brought back by who still shows it", () => {
  const rig = new Rig();
  const gone = rig.add("gone", "198.51.100.2");
  rig.run(5, () => false);
  rig.assessor.forget(gone);
  const shown = rig.assessor.of(gone);
  expect(shown.topology.paths()).toEqual([]);
  expect(rig.assessor.of(gone)).not.toBe(shown);
});

test("forgets what failed while an endpoint was asked faster than it answers", () => {
  const rig = new Rig();
  const target = rig.add("a", "192.0.2.1");
  const some = (flow: ProbedFlow): boolean => (flow.bucket + Math.floor(rig.now / 1000)) % 3 === 0;
  rig.run(3, none);
  target.rateLimit = { perSecond: 5, since: rig.now, proven: false };
  rig.run(20, some);
  expect(rig.standing(target)).toMatchObject({ verdict: "indeterminate", suspects: [] });
  target.rateLimit = { perSecond: 5, since: rig.now, proven: true };
  rig.assessor.rateLimited(target);
  for (const flow of flowsOf(target)) flow.sentAt = rig.now;
  rig.run(5, none);
  expect(rig.standing(target)).toMatchObject({ verdict: "healthy", suspects: [] });
  rig.run(30, quarter);
  expect(rig.standing(target).verdict).toBe("path_fault");
});
