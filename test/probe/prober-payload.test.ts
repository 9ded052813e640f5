import { describe, expect, test } from "vitest";
import { Networks } from "../../src/config/networks.ts";
import type { PayloadSpec } from "../../src/flow/target.ts";
import { Reflection } from "../../src/reflector/reflection.ts";
import { datagram, refusedBy } from "../support/answers.ts";
import type { Answer, Behaviour } from "../support/memory-network.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import type { SentPacket } from "../support/sent-packet.ts";
import { makeTarget } from "../support/target.ts";

const RTT_MS = 7;

function target(payload: PayloadSpec, settings: Parameters<typeof makeTarget>[0] = {}) {
  return makeTarget({ protocol: "udp", port: 53, payload, ...settings });
}

const answerWith =
  (change: (payload: Uint8Array) => Uint8Array): Behaviour =>
  (sent) => [{ afterMs: RTT_MS, packet: datagram(sent, change(sent.payload)) }];

/** The answers of well-behaved servers, by the drawings of the RFCs. */
const SERVERS: Readonly<Record<string, (payload: Uint8Array) => Uint8Array>> = {
  dns(query) {
    const answer = Uint8Array.from(query);
    answer[2] = 0x81;
    answer[3] = 0x80;
    return answer;
  },
  ntp(request) {
    const answer = new Uint8Array(48);
    answer[0] = 0x24;
    answer.set(request.subarray(40), 24);
    return answer;
  },
  quic(first) {
    const [to = 0] = first.subarray(5, 6);
    const [from = 0] = first.subarray(6 + to, 7 + to);
    const ours = first.subarray(6, 6 + to);
    const theirs = first.subarray(7 + to, 7 + to + from);
    return Uint8Array.of(0x80, 0, 0, 0, 0, from, ...theirs, to, ...ours, 0, 0, 0, 1);
  },
};

const KINDS: readonly PayloadSpec[] = [
  { kind: "dns", name: "www.example.net" },
  { kind: "ntp" },
  { kind: "quic" },
];

describe.each(KINDS)("probes with the payload $kind", (payload) => {
  const server = SERVERS[payload.kind] ?? ((bytes: Uint8Array) => bytes);

  test("are answered by their service", () => {
    const rig = new ProberRig(answerWith(server));
    rig.add(target(payload));
    rig.run(5000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect(rig.outcomes.length).toBeGreaterThan(30);
  });

  test("are not answered by what a stranger makes up, which is counted", () => {
    // Another flow's answer: as good as a guess.
    const other = new ProberRig(() => []);
    other.add(target(payload, { sourcePorts: { first: 50_000, last: 50_100 } }));
    other.run(1000);
    const foreign = server(other.network.sent[0]?.payload ?? new Uint8Array(0));
    const rig = new ProberRig(answerWith(() => foreign));
    rig.add(target(payload));
    rig.knowsSweeps = false;
    rig.run(5000);
    expect(Object.keys(rig.tally())).toEqual(["failed timeout"]);
    const { ignored } = rig.prober.counters;
    expect((ignored.get("wrong_answer") ?? 0) + (ignored.get("unmatched") ?? 0)).toBeGreaterThan(
      30,
    );
  });

  test("of a sweep are told from the probe by the answer alone", () => {
    const rig = new ProberRig(answerWith(server));
    const [flow] = flowsOf(rig.add(target(payload, { flowBuckets: 1 })));
    if (flow === undefined) throw new Error("no flow");
    rig.run(600);
    const sent = rig.prober.sendSweep(flow, 9);
    rig.run(100);
    expect(rig.sweepAnswers).toMatchObject([
      {
        flow,
        answer: { identification: sent?.identification, kind: "destination", rateLimited: false },
      },
    ]);
  });

  test("are refused by port-unreachable, and nobody waits for a rate limit", () => {
    const rig = new ProberRig((sent) => [{ afterMs: RTT_MS, packet: refusedBy(sent.to, sent) }]);
    rig.add(target(payload));
    rig.run(5000);
    expect(Object.keys(rig.tally())).toEqual(["failed refused"]);
    expect(rig.outcomes.length).toBeGreaterThan(30);
    rig.network.behaviour = () => [];
    rig.outcomes.length = 0;
    rig.run(5000);
    expect(rig.tally()["failed timeout"]).toBeGreaterThan(30);
    expect(rig.tally()["invalid icmp_rate_limit"]).toBeUndefined();
  });
});

describe("probes with bytes of the user's", () => {
  const payload: PayloadSpec = { kind: "hex", bytes: "0102", expect: "81" };

  test("are answered by what begins as expected", () => {
    const rig = new ProberRig(answerWith(() => Uint8Array.of(0x81, 7)));
    rig.add(target(payload));
    rig.run(3000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect(rig.network.sent.every(({ payload: sent }) => `${sent}` === "1,2")).toBe(true);
    rig.network.behaviour = answerWith(() => Uint8Array.of(0x80, 7));
    rig.outcomes.length = 0;
    rig.run(3000);
    expect(rig.tally()["failed timeout"]).toBeGreaterThan(10);
  });

  test("give an answer to the sweep where no probe is under way, and else count it as late", () => {
    const rig = new ProberRig(() => []);
    const [flow] = flowsOf(rig.add(target(payload, { flowBuckets: 1 })));
    if (flow === undefined) throw new Error("no flow");
    while (rig.outcomes.length === 0) rig.run(10);
    expect(rig.tally()).toEqual({ "failed timeout": 1 });
    const [sent] = rig.network.sent;
    if (sent === undefined) throw new Error("nothing sent");
    rig.network.inject(datagram(sent, Uint8Array.of(0x81)));
    rig.run(50);
    expect(rig.sweepAnswers).toMatchObject([
      { answer: { identification: undefined, timestamp: undefined, kind: "destination" } },
    ]);
    expect(rig.late).toEqual([]);
    rig.knowsSweeps = false;
    rig.network.inject(datagram(sent, Uint8Array.of(0x81)));
    rig.run(50);
    expect(rig.late).toEqual([flow]);
  });
});

describe("probes to a reflector", () => {
  /** A reflector behind a network that loses what `lost` says, on either way. */
  function rigOf(lost: (sent: SentPacket) => "forward" | "return" | undefined): ProberRig {
    let reflection: Reflection | undefined;
    const reflector = (sent: SentPacket): Answer[] => {
      const networks = new Networks(["0.0.0.0/0"]);
      reflection ??= new Reflection(rig.clock, { networks, packetsPerSecond: 1000 });
      if (lost(sent) === "forward") return [];
      const payload = Uint8Array.from(sent.payload);
      const from = { address: sent.from, port: sent.sourcePort, family: "IPv4" as const };
      const answered = reflection.answer(payload, { ...from, localPort: sent.destinationPort });
      if (!answered || lost(sent) === "return") return [];
      return [{ afterMs: RTT_MS, packet: datagram(sent, payload) }];
    };
    const rig = new ProberRig(reflector);
    return rig;
  }

  test.each(["forward", "return"] as const)(
    "show that everything of some flows is lost on the way %s, while these flows are swept",
    (direction) => {
      const rig = rigOf(({ sourcePort }) => (sourcePort % 3 === 0 ? direction : undefined));
      const probed = rig.add(target({ kind: "stamp" }, { port: 862, flowBuckets: 16 }));
      for (let turn = 0; turn < 100; turn += 1) {
        for (const flow of flowsOf(probed))
          if (flow.state === "failing") rig.prober.sendSweep(flow, 30);
        rig.run(100);
      }
      const dead = flowsOf(probed).filter(({ sourcePort }) => sourcePort % 3 === 0);
      expect(dead.length).toBeGreaterThan(0);
      expect(new Set(rig.oneWay.map(({ flow }) => flow))).toEqual(new Set(dead));
      expect(new Set(rig.oneWay.map((told) => told.direction))).toEqual(new Set([direction]));
      // Nearly every lost probe's direction is known within the ten seconds.
      expect(rig.oneWay.length).toBeGreaterThan(dead.length * 5);
    },
  );

  test("say nothing while all is well, over a rotation too", () => {
    const rig = rigOf(() => undefined);
    const probed = rig.add(target({ kind: "stamp" }, { port: 862 }));
    rig.run(3000);
    rig.prober.rotate(probed);
    rig.run(3000);
    expect(rig.oneWay).toEqual([]);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });
});
