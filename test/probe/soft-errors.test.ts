import { describe, expect, test } from "vitest";
import { expiredAt, refusedBy, synAck } from "../support/answers.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { readSent, type SentPacket } from "../support/sent-packet.ts";
import { ENDS, makeTarget } from "../support/target.ts";

const OTHER = { 4: "203.0.113.99", 6: "2001:db8:7::99" } as const;

describe.each([4, 6] as const)("an ICMP error over IPv%s", (family) => {
  const { router } = ENDS[family];

  test("is not final: an answer that comes within the time-out wins", () => {
    const rig = new ProberRig((sent) => [
      { afterMs: 5, packet: refusedBy(router, sent, { code: 1 }) },
      { afterMs: 6, packet: synAck(sent) },
    ]);
    rig.add(makeTarget(ENDS[family]));
    rig.run(3000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });

  test("is what the probe fails by where no answer comes", () => {
    const rig = new ProberRig((sent) => [
      { afterMs: 5, packet: refusedBy(router, sent, { code: family === 4 ? 13 : 1 }) },
    ]);
    rig.add(makeTarget(ENDS[family]));
    rig.run(450);
    expect(rig.outcomes).toEqual([]);
    rig.run(2500);
    expect(Object.keys(rig.tally())).toEqual(["failed prohibited"]);
  });

  test("of a UDP target's other address is its own once it shows that no router sent it", () => {
    const rig = new ProberRig((sent) => [
      { afterMs: 5, packet: refusedBy(OTHER[family], sent, { code: family === 4 ? 3 : 4 }) },
    ]);
    const target = rig.add(makeTarget({ ...ENDS[family], protocol: "udp" }));
    rig.run(2000);
    expect(Object.keys(rig.tally())).toEqual(["failed unreachable"]);
    // A packet whose hop limit is used up there: a router would have said so.
    const [flow] = flowsOf(target);
    if (flow === undefined) throw new Error("no flow");
    rig.network.behaviour = () => [];
    rig.prober.sendSweep(flow, 3);
    const sent = rig.network.sent.at(-1);
    if (sent === undefined) throw new Error("nothing sent");
    const quoted = Uint8Array.from(sent.bytes);
    quoted[family === 4 ? 8 : 7] = 1;
    rig.network.inject(refusedBy(OTHER[family], sent, { code: family === 4 ? 3 : 4, quoted }));
    rig.run(30);
    expect(rig.sweepAnswers.at(-1)?.answer).toMatchObject({ kind: "destination" });
    rig.run(1500);
    rig.outcomes.length = 0;
    rig.network.behaviour = (probe) => [
      { afterMs: 5, packet: refusedBy(OTHER[family], probe, { code: family === 4 ? 3 : 4 }) },
    ];
    rig.run(15_000);
    expect(Object.keys(rig.tally(rig.outcomes.slice(2)))).toEqual(["answered"]);
  });
});

describe("a firewall that chooses TCP sequence numbers anew, in quotes as well", () => {
  /** A quote as such a firewall leaves it. */
  function rewritten(sent: SentPacket): Uint8Array {
    const bytes = Uint8Array.from(sent.bytes);
    const at = sent.family === 4 ? 24 : 44;
    for (let i = at; i < at + 4; i += 1) bytes[i] = (bytes[i] ?? 0) ^ 0x5c;
    return bytes;
  }

  test.each([4, 6] as const)(
    "hides no hop over IPv%s: the timestamp tells whose packet is quoted, and it is marked",
    (family) => {
      const rig = new ProberRig(() => []);
      const target = rig.add(makeTarget(ENDS[family]));
      rig.run(100);
      const [flow] = flowsOf(target);
      if (flow === undefined) throw new Error("no flow");
      const packet = rig.prober.sendSweep(flow, 2);
      const sent = rig.network.sent.at(-1);
      if (sent === undefined || packet === undefined) throw new Error("nothing sent");
      rig.network.inject(
        expiredAt(ENDS[family].router, sent, {
          quoted: rewritten(sent),
          quoteBytes: sent.bytes.length,
        }),
      );
      rig.run(30);
      expect(rig.sweepAnswers.map(({ answer }) => answer)).toMatchObject([
        { kind: "hop", timestamp: packet.timestamp, responder: { text: ENDS[family].router } },
      ]);
      expect(rig.reports[0]?.report.translation).toBeDefined();
    },
  );

  test("is not believed where the quote ends before the timestamp", () => {
    const rig = new ProberRig(() => []);
    const target = rig.add(makeTarget());
    rig.run(100);
    const [flow] = flowsOf(target);
    if (flow === undefined) throw new Error("no flow");
    rig.prober.sendSweep(flow, 2);
    const sent = rig.network.sent.at(-1);
    if (sent === undefined) throw new Error("nothing sent");
    rig.network.inject(
      expiredAt(ENDS[4].router, sent, { quoted: rewritten(sent), quoteBytes: 28 }),
    );
    rig.run(30);
    expect([...rig.prober.counters.ignored]).toEqual([["wrong_quote", 1]]);
  });
});

describe("what tells the packets of a flow apart", () => {
  test("does not come out the same at every round of 511 flows", () => {
    const rig = new ProberRig(() => []);
    rig.add(makeTarget({ flowBuckets: 511, intervalMs: 2000, timeoutMs: 300 }));
    rig.run(8000);
    const byPort = new Map<number, number[]>();
    for (const { sourcePort, bytes } of rig.network.sent) {
      byPort.set(sourcePort, [...(byPort.get(sourcePort) ?? []), readSent(bytes).id]);
    }
    for (const ids of byPort.values()) expect(new Set(ids).size).toBe(ids.length);
  });

  test("is nothing that somebody off the path could guess: the first timestamp is chosen by chance", () => {
    const first = () => {
      const rig = new ProberRig(() => []);
      rig.add(makeTarget());
      rig.run(200);
      return rig.network.sent[0]?.timestamp;
    };
    expect(first()).not.toBe(first());
  });
});

describe("copies of one packet, which came in by two interfaces of this host", () => {
  test.each([4, 6] as const)(
    "count once over IPv%s, and do not answer a probe that was lost",
    (family) => {
      const rig = new ProberRig((sent) => [{ afterMs: 7, packet: synAck(sent) }]);
      const target = rig.add(makeTarget(ENDS[family]));
      rig.run(1990);
      const [flow] = flowsOf(target);
      if (flow === undefined) throw new Error("no flow");
      rig.outcomes.length = 0;
      rig.network.behaviour = () => [];
      rig.knowsSweeps = true;
      const resets = rig.network.resets.length;
      // The flow's probe is lost, and while it is in flight a packet of a trace is answered, twice.
      while (!flow.inFlight) rig.run(5);
      rig.prober.sendSweep(flow, 9);
      const sweep = rig.network.sent.at(-1);
      if (sweep === undefined) throw new Error("nothing sent");
      const packet = synAck(sweep, { sequence: 0x777 });
      rig.network.inject(packet, 7);
      rig.network.inject(packet, 7.05);
      rig.run(40);
      expect(rig.sweepAnswers.length).toBe(1);
      expect(rig.outcomes.filter((ended) => ended.flow === flow)).toEqual([]);
      expect(rig.prober.counters.ignored.get("duplicate")).toBe(1);
      if (family === 6) expect(rig.network.resets.length).toBe(resets + 1);
    },
  );
});
