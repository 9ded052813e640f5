import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { Prober } from "../../src/probe/prober.ts";
import { NoWire } from "../../src/wire/no-wire.ts";
import { synAck } from "../support/answers.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryConnector } from "../support/memory-connector.ts";
import { MemoryNetwork } from "../support/memory-network.ts";
import { flowsOf } from "../support/prober-rig.ts";
import type { SentPacket } from "../support/sent-packet.ts";
import { makeTarget } from "../support/target.ts";

const CONNECT = { method: "connect" } as const;

/** Both engines on networks in memory. */
class Rig {
  readonly clock: FakeClock = new FakeClock();
  readonly connector: MemoryConnector = new MemoryConnector(this.clock);
  readonly network: MemoryNetwork = new MemoryNetwork(this.clock);
  readonly outcomes: { flow: ProbedFlow; outcome: Outcome }[] = [];
  readonly moved: ProbedFlow[] = [];
  readonly sweeps: ProbedFlow[] = [];
  missed = 0;
  readonly prober: Prober;

  constructor(raw = true, packetsPerSecond = 10_000) {
    const wire = raw ? this.network : new NoWire();
    this.prober = new Prober({
      sender: wire,
      receiver: wire,
      clock: this.clock,
      packetsPerSecond,
      connector: this.connector,
      observer: {
        onOutcome: (flow, outcome) => this.outcomes.push({ flow, outcome }),
        onLate: () => {},
        onMissed: (_, probes) => {
          this.missed += probes;
        },
        onSweepAnswer: (flow) => {
          this.sweeps.push(flow);
          return 3;
        },
        onReport: () => {},
        onOneWayLoss: () => {},
        onRateLimit: () => {},
        onMoved: (_, after) => this.moved.push(after),
      },
    });
  }

  add(settings: Parameters<typeof makeTarget>[0] = {}): ProbedTarget {
    const added = this.prober.add(makeTarget({ ...CONNECT, ...settings }));
    if (typeof added === "string") throw new Error(added);
    return added;
  }

  run(ms: number, tickMs = 5): void {
    for (const end = this.clock.monotonic() + ms; this.clock.monotonic() < end; ) {
      this.clock.advance(Math.min(tickMs, end - this.clock.monotonic()));
      this.prober.turn();
      this.connector.poll();
    }
  }

  tally(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome } of this.outcomes) {
      const name = "reason" in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }
}

describe("a probe by connection", () => {
  test("succeeds when the connection is established, with its time", () => {
    const rig = new Rig();
    const target = rig.add();
    rig.connector.fate = () => ({ afterMs: 40, ending: { kind: "connected" } });
    rig.run(950);
    expect(rig.tally()).toEqual({ answered: 8 });
    expect(rig.outcomes[0]?.outcome).toEqual({ kind: "answered", rttMs: 40 });
    expect(flowsOf(target).every(({ state }) => state === "up")).toBe(true);
    // SYN, ACK and RST of each.
    expect(rig.prober.counters.sent).toBe(24);
    expect(rig.connector.open.size).toBe(0);
  });

  test.each([
    ["ECONNREFUSED", "failed refused", "198.51.100.2"],
    ["EHOSTUNREACH", "failed unreachable", undefined],
    ["ENETUNREACH", "failed unreachable", undefined],
  ])("that ends in %s is told as %s", (code, expected, responder) => {
    const rig = new Rig();
    rig.add({ flowBuckets: 1 });
    rig.connector.fate = () => ({ afterMs: 9, ending: { kind: "failed", code } });
    rig.run(200);
    expect(rig.tally()).toEqual({ [expected]: 1 });
    const [first] = rig.outcomes;
    if (first?.outcome.kind !== "failed") throw new Error("did not fail");
    expect(first.outcome.responder?.text).toBe(responder);
  });

  test("that never left this host says nothing about the network", () => {
    const rig = new Rig();
    rig.add({ flowBuckets: 1 });
    rig.connector.fate = () => ({ afterMs: 0, ending: { kind: "local", code: "EADDRINUSE" } });
    rig.run(950);
    expect(rig.tally()).toEqual({ "invalid send_error": 1 });
    expect([...rig.prober.counters.sendErrors]).toEqual([["EADDRINUSE", 1]]);
    expect(rig.prober.counters.sent).toBe(0);
  });

  test("says nothing about the network by silence when this host has lost its way meanwhile", () => {
    const rig = new Rig();
    rig.add({ flowBuckets: 8, timeoutMs: 300 });
    let sent = 0;
    rig.connector.fate = () => {
      sent += 1;
      return sent === 1
        ? undefined
        : { afterMs: 0, ending: { kind: "local", code: "ENETUNREACH" } };
    };
    rig.run(950);
    expect(rig.tally()).toEqual({ "invalid send_error": 8 });
  });

  test("is lost when nothing comes in time, and its connection is closed", () => {
    const rig = new Rig();
    rig.add({ flowBuckets: 1, timeoutMs: 300 });
    rig.connector.fate = () => undefined;
    rig.run(500);
    expect(rig.tally()).toEqual({ "failed timeout": 1 });
    expect(rig.connector.open.size).toBe(0);
  });

  test("is lost when its SYN had to be sent again, however long the timeout", () => {
    const rig = new Rig();
    rig.add({ flowBuckets: 2, intervalMs: 10_000, timeoutMs: 5000 });
    let begun = 0;
    rig.connector.fate = () => {
      begun += 1;
      // The kernel tries again after one second; a far server answers just before that.
      return { afterMs: begun === 1 ? 1020 : 980, ending: { kind: "connected" } };
    };
    rig.run(9000);
    // The flow that failed is confirmed by three probes more.
    expect(rig.tally()).toEqual({ "failed timeout": 1, answered: 4 });
  });

  test("is not lost where the loop looked too seldom to tell whether it was answered in time", () => {
    const rig = new Rig();
    rig.add({ flowBuckets: 1, timeoutMs: 300, intervalMs: 10_000 });
    rig.connector.fate = () => ({ afterMs: 290, ending: { kind: "connected" } });
    rig.run(280);
    rig.clock.advance(100);
    rig.prober.turn();
    // What was due is given up only after the kernel has been asked for news.
    expect(rig.outcomes).toEqual([]);
    rig.connector.poll();
    expect(rig.tally()).toEqual({ "invalid stall": 1 });
  });

  test("that the process slept through is invalid, answered or not", () => {
    for (const fate of [undefined, { afterMs: 50, ending: { kind: "connected" } as const }]) {
      const rig = new Rig();
      rig.add({ flowBuckets: 1, timeoutMs: 500 });
      rig.connector.fate = () => fate;
      while (rig.connector.begun.length === 0) rig.run(5);
      rig.clock.advance(700);
      rig.prober.turn();
      rig.connector.poll();
      expect(rig.tally()).toEqual({ "invalid stall": 1 });
    }
  });
});

describe("targets probed by connections", () => {
  test("rotate, and hold the ports of flows that fail", () => {
    const rig = new Rig();
    const target = rig.add();
    const [broken] = flowsOf(target);
    rig.connector.fate = (flow) =>
      flow.sourcePort === broken?.sourcePort
        ? undefined
        : { afterMs: 1, ending: { kind: "connected" } };
    rig.run(1700);
    rig.prober.rotate(target);
    rig.run(1700);
    expect(rig.moved).toHaveLength(7);
    expect(flowsOf(target)).toContain(broken);
  });

  test("close what is open when they are removed, and nothing is told of it any more", () => {
    const rig = new Rig();
    const target = rig.add({ timeoutMs: 900 });
    rig.connector.fate = () => ({ afterMs: 800, ending: { kind: "connected" } });
    rig.run(700);
    expect(rig.connector.open.size).toBeGreaterThan(0);
    expect(rig.prober.portsInUse().size).toBe(rig.connector.open.size);
    rig.prober.remove(target);
    rig.run(2000);
    expect([rig.connector.open.size, rig.outcomes]).toEqual([0, []]);
    expect(rig.prober.targets.size).toBe(0);
  });

  test("stay within the budget of everything sent, three packets a connection", () => {
    const rig = new Rig(true, 30);
    for (const port of [1, 2, 3]) rig.add({ port, flowBuckets: 64 });
    rig.run(10_000);
    expect(rig.prober.counters.sent).toBeLessThanOrEqual(310);
    expect(rig.prober.counters.sent).toBeGreaterThan(200);
    expect(rig.prober.counters.skipped.get("budget")).toBeGreaterThan(1000);
  });

  test("are refused where another target has the same flows, whatever its method", () => {
    const rig = new Rig();
    rig.add();
    const refusal = 'target "service" already probes';
    expect(rig.prober.add(makeTarget({ name: "b" }))).toContain(refusal);
    expect(rig.prober.add(makeTarget({ name: "c", ...CONNECT }))).toContain(refusal);
    const other = new Rig();
    other.add({ method: "raw" });
    expect(other.prober.add(makeTarget({ name: "b", ...CONNECT }))).toContain(refusal);
  });
});

describe("beside raw sockets", () => {
  test("flows are traced while no connection is open or due, and their answers are the sweeps'", () => {
    const rig = new Rig();
    const target = rig.add({ flowBuckets: 1, intervalMs: 10_000, timeoutMs: 500 });
    const [flow] = flowsOf(target);
    if (flow === undefined) throw new Error("no flow");
    rig.connector.fate = () => undefined;
    rig.run(10_000);
    const begun = rig.connector.begun.at(-1)?.at ?? 0;
    rig.run(begun + 200 - rig.clock.monotonic());
    const allowed: [number, boolean][] = [];
    for (const after of [300, 600, 5000, 8900, 9100, 9900]) {
      rig.run(begun + after - rig.clock.monotonic());
      allowed.push([after, rig.prober.mayTrace(flow)]);
    }
    expect(allowed).toEqual([
      [300, false],
      [600, true],
      [5000, true],
      [8900, true],
      [9100, false],
      [9900, false],
    ]);
    expect(rig.prober.sendSweep(flow, 3)).toBeDefined();
    const sent = rig.network.sent.at(-1);
    if (sent === undefined) throw new Error("nothing sent");
    rig.network.inject(synAck(sent));
    rig.run(30);
    expect(rig.sweeps).toEqual([flow]);
  });

  test("what the kernel's own connections get is neither an answer nor a forgery", () => {
    const rig = new Rig();
    rig.add({ flowBuckets: 1 });
    rig.run(950);
    const target = [...rig.prober.targets][0];
    const [flow] = target === undefined ? [] : flowsOf(target);
    if (flow === undefined) throw new Error("no flow");
    rig.prober.sendSweep(flow, 3);
    const sent = rig.network.sent.at(-1);
    if (sent === undefined) throw new Error("nothing sent");
    rig.network.inject(synAck(sent, { acknowledges: 77 }));
    rig.run(30);
    expect([...rig.prober.counters.ignored]).toEqual([["irrelevant", 1]]);
    expect(rig.sweeps).toEqual([]);
  });
});

/** When a server repeats a SYN-ACK that nothing answers. */
const REPEATS_MS = [1000, 3000, 7000];

/**
 * A server whose SYN-ACKs get to the kernel, while what the kernel answers gets lost for some ports.
 * @param ends whether a packet without an acknowledgement gets through: the kernel's reset to the first repeat
 */
function losesAnswers(rig: Rig, lost: ReadonlySet<number>, ends: boolean): void {
  const heldUntil = new Map<number, number>();
  let began = 0;
  rig.connector.fate = (flow) => {
    const now = rig.clock.monotonic();
    if ((heldUntil.get(flow.sourcePort) ?? 0) > now) return undefined;
    began += 1;
    const { source, address, port } = flow.target.target;
    const syn = {
      family: 4,
      from: source.text,
      to: address.text,
      sourcePort: flow.sourcePort,
      destinationPort: port,
      sequence: 7,
      timestamp: 1 + began,
      id: 0,
      flowLabel: 0,
    } as SentPacket;
    const packet = synAck(syn, { sequence: 0x2000 + began });
    rig.network.inject(packet, 7);
    if (lost.has(flow.sourcePort)) {
      const repeats = ends ? REPEATS_MS.slice(0, 1) : REPEATS_MS;
      for (const afterMs of repeats) rig.network.inject(packet, afterMs + 7);
      heldUntil.set(flow.sourcePort, now + (repeats.at(-1) ?? 0));
    }
    return { afterMs: 7, ending: { kind: "connected" } };
  };
}

describe.each([
  { ends: false, what: "everything after the SYN" },
  { ends: true, what: "what has an acknowledgement" },
])("where a router loses $what of some connections", ({ ends }) => {
  test("exactly these flows are unfinished, until it does so no more", () => {
    const rig = new Rig();
    const target = rig.add({ intervalMs: 4000 });
    const lost = new Set<number>();
    losesAnswers(rig, lost, ends);
    rig.run(9000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    const [one, two] = flowsOf(target);
    for (const flow of [one, two]) if (flow !== undefined) lost.add(flow.sourcePort);
    // The second of their connections shows it.
    rig.run(10_000);
    expect(flowsOf(target).map(({ state }) => state === "failing")).toEqual(
      flowsOf(target).map((flow) => lost.has(flow.sourcePort)),
    );
    rig.outcomes.length = 0;
    rig.run(16_000);
    const failed = rig.outcomes.filter(({ outcome }) => outcome.kind === "failed");
    expect(new Set(failed.map(({ flow }) => flow))).toEqual(new Set([one, two]));
    expect(new Set(failed.map(({ outcome }) => "reason" in outcome && outcome.reason))).toEqual(
      new Set(["unfinished"]),
    );
    const others = rig.outcomes.filter(({ flow }) => flow !== one && flow !== two);
    expect(others.every(({ outcome }) => outcome.kind === "answered")).toBe(true);
    lost.clear();
    rig.run(20_000);
    rig.outcomes.length = 0;
    rig.run(5000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });
});

test("a flow that works shows nothing of the kind shortly after a sweep of its own, which may disturb the connection", () => {
  const rig = new Rig();
  const target = rig.add({ intervalMs: 4000 });
  const lost = new Set<number>();
  losesAnswers(rig, lost, true);
  rig.run(9000);
  for (const flow of flowsOf(target)) {
    lost.add(flow.sourcePort);
    rig.prober.sendSweep(flow, 3);
  }
  rig.run(19_000);
  expect(Object.keys(rig.tally())).toEqual(["answered"]);
  rig.run(10_000);
  expect(Object.keys(rig.tally())).toContain("failed unfinished");
});

describe("without raw sockets", () => {
  test("every TCP target is probed by connections, and others say why they are not", () => {
    const rig = new Rig(false);
    const target = rig.add({ method: "raw" });
    expect(target.target.method).toBe("connect");
    rig.run(950);
    expect(rig.tally()).toEqual({ answered: 8 });
    expect(rig.network.sent).toEqual([]);
    expect(rig.prober.hasRaw).toBe(false);
    for (const protocol of ["udp", "icmp"] as const) {
      expect(rig.prober.add(makeTarget({ name: protocol, protocol }))).toContain(
        `${protocol} needs raw sockets`,
      );
    }
  });
});
