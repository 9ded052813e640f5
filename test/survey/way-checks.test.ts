import { describe, expect, test } from "vitest";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { WayChecks } from "../../src/survey/way-checks.ts";
import { NO_NAMES, type RouterNames } from "../../src/topology/router-names.ts";
import { Topology } from "../../src/topology/topology.ts";
import type { AskTold } from "../../src/trace/single-asks.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const MIDDLE = ["a", "b", "c", "d"];
const STEP_MS = 50;

/** Targets of flows that work, over four routers between a first and a last one. */
class Rig {
  readonly topologies: Map<ProbedTarget, Topology> = new Map();
  /** Addresses of targets whose flows have moved, and before when. */
  readonly moved: [address: string, before: number][] = [];
  readonly asked: { flow: ProbedFlow; ttl: number; known: string | null; told: AskTold }[] = [];
  /** Who answers a flow at a TTL; undefined for nobody yet. */
  answer: (flow: ProbedFlow, known: string | null) => string | null = (_, known) => known;
  readonly checks: WayChecks;
  now = 1000;

  constructor(routers: RouterNames = NO_NAMES) {
    this.checks = new WayChecks({
      topology: (target) => this.topologies.get(target) ?? new Topology(),
      routers,
      ask: (flow, ttl, _, told) => {
        const known = this.topologies.get(flow.target)?.of(flow)?.hops[ttl - 1] ?? null;
        this.asked.push({ flow, ttl, known, told });
        told(this.answer(flow, known));
        return true;
      },
      onMoved: ({ target }, before) => this.moved.push([target.address.text, before]),
    });
  }

  target(address = "198.51.100.2", flows = 16): ProbedTarget {
    const from = address.includes(":") ? "2001:db8::1" : "198.51.100.1";
    const target = makeProbed({ from, to: address, flowBuckets: flows });
    const topology = new Topology();
    for (let bucket = 0; bucket < flows; bucket += 1) {
      const flow = makeFlowOf(target, bucket, 61_000 + bucket);
      flow.state = "up";
      target.flows.push(flow);
      topology.learn(flow, ["r", MIDDLE[bucket % 4] ?? "", "l", address], 0);
    }
    this.topologies.set(target, topology);
    return target;
  }

  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now += STEP_MS) this.checks.turn(this.now);
  }
}

describe("flows that work are asked as others begin to fail", () => {
  test("and nothing has moved where all of them meet the hops that they met before", () => {
    const rig = new Rig();
    rig.checks.doubt(rig.target(), rig.now);
    rig.run(5000);
    expect(rig.moved).toEqual([]);
    expect(rig.asked.map(({ ttl }) => ttl)).toEqual(Array(8).fill(2));
    expect(new Set(rig.asked.map(({ known }) => known))).toEqual(new Set(MIDDLE));
  });

  test("and ways learnt before are past once two of them meet other hops", () => {
    const rig = new Rig();
    const target = rig.target();
    rig.answer = ({ bucket }, known) => (bucket % 8 < 2 ? "e" : known);
    rig.checks.doubt(target, rig.now);
    rig.run(5000);
    expect(rig.moved).toEqual([["198.51.100.2", 1000]]);
    expect(rig.asked.length).toBeLessThanOrEqual(12);
  });

  test("but one that meets another hop may have a reason of its own, as may a router with another address", () => {
    const one = new Rig();
    one.answer = ({ bucket }, known) => (bucket === 2 ? "e" : known);
    one.checks.doubt(one.target(), one.now);
    one.run(5000);
    expect(one.moved).toEqual([]);
    const routerOf = (address: string) => ({ router: address[0] ?? "" });
    const aliases = new Rig({ version: 0, routerOf });
    aliases.answer = (_, known) => `${known}2`;
    aliases.checks.doubt(aliases.target(), aliases.now);
    aliases.run(5000);
    expect(aliases.moved).toEqual([]);
  });

  test("once a minute, and only of flows that work and whose ways are known", () => {
    const rig = new Rig();
    const target = rig.target();
    const { flows } = target;
    for (const flow of flows.slice(0, 13)) if (flow !== undefined) flow.state = "failing";
    rig.checks.doubt(target, rig.now);
    rig.checks.doubt(target, rig.now + 2000);
    rig.run(5000);
    expect(rig.asked.map(({ flow }) => flow.bucket)).toEqual([13, 14, 15]);
    rig.run(60_000);
    rig.checks.doubt(target, rig.now);
    rig.run(5000);
    expect(rig.asked.length).toBe(6);
    rig.checks.doubt(makeProbed(), rig.now);
    rig.run(5000);
    expect(rig.asked.length).toBe(6);
  });
});

describe("of a target whose flows get no answer", () => {
  const answering = (rig: Rig, heard: ProbedTarget): void => {
    rig.answer = ({ target }) => (target === heard ? "e" : null);
  };

  test.each(["before", "after"])("what others have shown counts: %s it", (when) => {
    const rig = new Rig();
    const [mute, heard] = [rig.target("198.51.100.2"), rig.target("198.51.100.3")];
    answering(rig, heard);
    for (const target of when === "before" ? [heard, mute] : [mute, heard]) {
      rig.checks.doubt(target, rig.now);
      rig.run(3000);
    }
    expect(rig.moved.map(([address]) => address).sort()).toEqual(["198.51.100.2", "198.51.100.3"]);
  });

  test("nothing is told where the others use another address family, or it is no longer probed", () => {
    const rig = new Rig();
    const [mute, gone] = [rig.target("2001:db8::2"), rig.target("198.51.100.2")];
    const heard = rig.target("198.51.100.3");
    answering(rig, heard);
    for (const target of [mute, gone]) rig.checks.doubt(target, rig.now);
    rig.run(5000);
    rig.checks.forget(gone);
    rig.checks.doubt(heard, rig.now);
    rig.run(5000);
    expect(rig.moved.map(([address]) => address)).toEqual(["198.51.100.3"]);
  });
});

test("of many targets few are asked a minute, and what they have shown counts for all", () => {
  const rig = new Rig();
  const targets = Array.from({ length: 40 }, (_, at) => rig.target(`198.51.100.${at + 1}`));
  rig.answer = () => "e";
  for (const target of targets) rig.checks.doubt(target, rig.now);
  rig.run(10_000);
  expect(new Set(rig.asked.map(({ flow }) => flow.target)).size).toBeLessThanOrEqual(4);
  expect(new Set(rig.moved.map(([address]) => address)).size).toBe(40);
});
