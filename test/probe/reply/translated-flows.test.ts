import { describe, expect, test } from "vitest";
import { ttlOf } from "../../../src/probe/probe-id.ts";
import type { ProbedFlow } from "../../../src/probe/probed-flow.ts";
import { expiredAt } from "../../support/answers.ts";
import {
  echoRequest,
  tcpPacket,
  timestamps,
  udpPacket,
  unreachable,
} from "../../support/packet-builder.ts";
import { flowsOf, ProberRig } from "../../support/prober-rig.ts";
import { readSent, type SentPacket } from "../../support/sent-packet.ts";
import { makeTarget } from "../../support/target.ts";

/** Who is who, by family. */
const ENDS = {
  4: {
    from: "192.0.2.1",
    to: "198.51.100.2",
    router: "203.0.113.7",
    outside: "203.0.113.99",
    backend: "10.9.9.9",
  },
  6: {
    from: "2001:db8::1",
    to: "2001:db8:2::2",
    router: "2001:db8:7::7",
    outside: "2001:db8:99::99",
    backend: "fd00::9",
  },
} as const;
const { router: ROUTER, outside: OUTSIDE, backend: BACKEND } = ENDS[4];

/** What a NAT makes of a packet: written anew by another hand, so that every checksum is right. */
interface Change {
  readonly from?: string;
  readonly to?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

function translated(sent: SentPacket, change: Change): Uint8Array {
  const packet = { ...sent, ...change, id: sent.id, ttl: 1 };
  switch (sent.protocol) {
    case "tcp":
      return tcpPacket({
        ...packet,
        sequence: sent.sequence,
        flags: ["syn"],
        options: timestamps(sent.timestamp, 0),
        payload: new Uint8Array(0),
      });
    case "udp":
      return udpPacket(packet);
    case "icmp":
      return echoRequest({
        ...packet,
        identifier: packet.sourcePort,
        sequence: sent.sequence,
        payload: sent.payload,
      });
  }
}

/** A silent network, a sweep's packet of one flow with TTL 5 in it. */
function swept(protocol: "tcp" | "udp" | "icmp", settings: Parameters<typeof makeTarget>[0] = {}) {
  const rig = new ProberRig(() => []);
  rig.sweepTtl = 5;
  const target = rig.add(makeTarget({ protocol, timeoutMs: 900, ...settings }));
  const [flow] = flowsOf(target);
  if (flow === undefined) throw new Error("no flow");
  rig.prober.sendSweep(flow, 5);
  const sent = rig.network.sent.at(-1);
  if (sent === undefined) throw new Error("nothing sent");
  return { rig, flow, sent, receive: (packet: Uint8Array) => inject(rig, packet) };
}

function inject(rig: ProberRig, packet: Uint8Array): void {
  rig.network.inject(packet);
  rig.run(30);
}

const CASES = ([4, 6] as const).flatMap((family) =>
  (["tcp", "udp", "icmp"] as const).map((protocol) => ({ family, protocol })),
);

describe.each(CASES)(
  "a quote of a translated $protocol packet of IPv$family",
  ({ family, protocol }) => {
    const { from, to, router, outside, backend } = ENDS[family];
    const header = family === 4 ? 20 : 40;
    // IPv4 has an identification to tell a packet by; IPv6 needs what stands behind the transport header.
    const sizes = family === 4 ? [28, 500] : [500];

    test.each([
      ["another source address", { from: outside }, { source: outside }],
      ["another source address and port", { from: outside, sourcePort: 1025 }, { source: outside }],
      ["another destination", { to: backend }, { destination: backend }],
    ] as [string, Change, object][])(
      "with %s belongs to the flow it was sent by",
      (_, change, ends) => {
        for (const quoteBytes of sizes) {
          const { rig, flow, sent, receive } = swept(protocol, { from, to });
          receive(expiredAt(router, sent, { quoted: translated(sent, change), quoteBytes }));
          expect(rig.sweepAnswers.map((seen) => seen.flow)).toEqual([flow]);
          const { report } = rig.reports[0] ?? {};
          expect(report).toMatchObject({ ttl: 5, quotedTtl: 1, responder: { text: router } });
          expect({
            source: report?.translation?.source?.address.text,
            destination: report?.translation?.destination?.address.text,
          }).toEqual({ source: undefined, destination: undefined, ...ends });
          expect([...rig.prober.counters.ignored]).toEqual([]);
        }
      },
    );

    test("is told apart from one that was never sent", () => {
      const { rig, sent, receive } = swept(protocol, { from, to });
      const quoted = translated(sent, { from: outside });
      // Sequence number of TCP; checksums of UDP and ICMP.
      const at = header + { tcp: 5, udp: 6, icmp: 2 }[protocol];
      quoted[at] = (quoted[at] ?? 0) ^ 0x21;
      receive(expiredAt(router, sent, { quoted, quoteBytes: header + 8 }));
      expect([...rig.prober.counters.ignored]).toEqual([["unknown_flow", 1]]);
      expect([rig.sweepAnswers, rig.reports]).toEqual([[], []]);
    });

    test("as it was sent shows no translation", () => {
      const { rig, sent, receive } = swept(protocol, { from, to });
      receive(expiredAt(router, sent, { quoteBytes: 500 }));
      expect(rig.reports.map(({ report }) => report.translation)).toEqual([undefined]);
    });
  },
);

test("a NAT that changes both ends of a TCP packet hides it from nobody", () => {
  const { rig, flow, sent, receive } = swept("tcp");
  const quoted = translated(sent, {
    from: OUTSIDE,
    to: BACKEND,
    sourcePort: 7,
    destinationPort: 8,
  });
  receive(expiredAt(ROUTER, sent, { quoted }));
  expect(rig.sweepAnswers.map((seen) => seen.flow)).toEqual([flow]);
});

test("16 keyed bits are not enough where a NAT is said to have changed both ends of a UDP packet", () => {
  const { rig, sent, receive } = swept("udp");
  const quoted = translated(sent, { from: OUTSIDE, to: BACKEND });
  receive(expiredAt(ROUTER, sent, { quoted }));
  expect([...rig.prober.counters.ignored]).toEqual([["unknown_flow", 1]]);
});

test("a translated port that is by chance another flow's does not mislead", () => {
  const { rig, flow, sent, receive } = swept("tcp");
  const other = flowsOf(flow.target).at(-1) as ProbedFlow;
  receive(expiredAt(ROUTER, sent, { quoted: translated(sent, { sourcePort: other.sourcePort }) }));
  expect(rig.sweepAnswers.map((seen) => seen.flow)).toEqual([flow]);
});

test("a NAT that puts back addresses and ports, but not the checksum, is seen by the keyed payload", () => {
  const { rig, sent, receive } = swept("udp");
  const quoted = Uint8Array.from(sent.bytes);
  quoted.set(translated(sent, { from: OUTSIDE }).subarray(26, 28), 26);
  receive(expiredAt(ROUTER, sent, { quoted, quoteBytes: 40 }));
  expect(rig.sweepAnswers).toHaveLength(1);
  expect(rig.reports[0]?.report.translation).toEqual({ source: undefined, destination: undefined });
  // Cut behind the header it proves nothing.
  receive(expiredAt(ROUTER, sent, { quoted, quoteBytes: 28 }));
  expect([...rig.prober.counters.ignored]).toEqual([["wrong_quote", 1]]);
});

test("whoever the target's address was translated to answers for the target", () => {
  const { rig, sent, receive } = swept("udp");
  const quoted = translated(sent, { to: BACKEND });
  receive(unreachable({ from: BACKEND, to: sent.from, quoted }));
  expect(rig.sweepAnswers[0]?.answer).toMatchObject({ kind: "destination", rateLimited: true });
});

test("a translated quote of an end-to-end probe fails that probe, and says no TTL", () => {
  const rig = new ProberRig(() => []);
  rig.add(makeTarget({ timeoutMs: 900 }));
  rig.run(500);
  const [sent] = rig.network.sent;
  if (sent === undefined) throw new Error("nothing sent");
  inject(
    rig,
    unreachable({
      from: ROUTER,
      to: sent.from,
      code: 13,
      quoted: translated(sent, { from: OUTSIDE }),
    }),
  );
  rig.run(900);
  const own = rig.outcomes.filter(({ flow }) => flow.sourcePort === sent.sourcePort);
  expect(rig.tally(own)).toEqual({ "failed prohibited": 1 });
  expect(rig.reports[0]?.report).toMatchObject({ ttl: 0 });
  expect(ttlOf(readSent(sent.bytes).id)).toBe(0);
});

test("a hop reports code point and TTL as packets arrived with them", () => {
  const { rig, sent, receive } = swept("tcp", { dscp: 46 });
  const quoted = Uint8Array.from(sent.bytes);
  quoted[1] = 8 << 2;
  quoted[8] = 0;
  receive(expiredAt(ROUTER, sent, { quoted }));
  expect(rig.reports[0]?.report).toMatchObject({ dscp: 8, quotedTtl: 0, mpls: [] });
  expect(rig.sweepAnswers[0]?.answer.quotedTtl).toBe(0);
});
