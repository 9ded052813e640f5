import { describe, expect, test } from "vitest";
import { identify } from "../../../src/probe/probe-id.ts";
import type { ProbedFlow } from "../../../src/probe/probed-flow.ts";
import { type Match, matchReply } from "../../../src/probe/reply/match.ts";
import { readReply } from "../../../src/probe/reply/reply.ts";
import { datagram, expiredAt, pong, refusedBy, reset, synAck } from "../../support/answers.ts";
import { makeFlow as makeAnyFlow, probePacket, sweepPacket } from "../../support/probed-flow.ts";
import type { SentPacket } from "../../support/sent-packet.ts";
import { ENDS } from "../../support/target.ts";

const ANSWERED = { what: "probe", result: { kind: "answered", rateLimited: false } };
const ignored = (reason: string) => ({ what: "ignored", reason });

function match(flow: ProbedFlow, packet: Uint8Array): Match {
  const reply = readReply(packet, 0, packet.length);
  if (typeof reply === "string") throw new Error(reply);
  return matchReply(flow, reply, packet);
}

/** A failed probe and who said so. */
function failed(reason: string, responder: string): object {
  return { what: "probe", result: { kind: "failed", reason, responder: { text: responder } } };
}

function sweepAnswer(answer: object): object {
  return { what: "sweep", answer };
}

/** A sent packet with some bytes changed, as a forger who did not see it would quote it. */
function forged(sent: SentPacket, at: number): Uint8Array {
  const bytes = Uint8Array.from(sent.bytes);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return bytes;
}

/** Length of the header, and codes of "unreachable", by family. */
const DIALECT = {
  4: { header: 20, prohibited: [9, 10, 13], host: 1 },
  6: { header: 40, prohibited: [1, 5, 6], host: 3 },
} as const;

describe.each([4, 6] as const)("over IPv%d", (family) => {
  const { to: TARGET, router: ROUTER } = ENDS[family];
  const { header, prohibited, host } = DIALECT[family];

  /** A flow of this family. */
  function flowOf(settings: Parameters<typeof makeAnyFlow>[0] = {}): ProbedFlow {
    return makeAnyFlow({ ...ENDS[family], ...settings });
  }

  /** How an ICMP error about a packet of a sweep says which one it is. */
  function toldBy(sweep: SentPacket, protocol: "tcp" | "udp" | "icmp"): object {
    if (family === 4) return { identification: sweep.id, timestamp: undefined };
    if (protocol === "tcp") return { identification: undefined, timestamp: sweep.timestamp };
    return { identification: identify(sweep.ttl, 40), timestamp: undefined };
  }

  describe("an answer to a TCP probe", () => {
    test("is the SYN-ACK that echoes its timestamp", () => {
      const flow = flowOf();
      expect(match(flow, synAck(probePacket(flow)))).toEqual(ANSWERED);
    });

    test("is a SYN-ACK without timestamps while the probe is in flight", () => {
      const flow = flowOf();
      const sent = probePacket(flow);
      expect(match(flow, synAck(sent, { echo: null }))).toEqual(ANSWERED);
      flow.inFlight = false;
      expect(match(flow, synAck(sent, { echo: null }))).toMatchObject(
        sweepAnswer({ identification: undefined, timestamp: undefined, kind: "destination" }),
      );
    });

    test("is a SYN-ACK that echoes a timestamp of 0 while the probe is in flight, as Linux has it", () => {
      const flow = flowOf();
      const sent = probePacket(flow);
      expect(match(flow, synAck(sent, { echo: 0 }))).toEqual(ANSWERED);
      expect(match(flow, reset(sent, { echo: 0 }))).toMatchObject(failed("refused", TARGET));
      flow.inFlight = false;
      expect(match(flow, synAck(sent, { echo: 0 }))).toMatchObject(
        sweepAnswer({ identification: undefined, timestamp: undefined, kind: "destination" }),
      );
    });

    test("is still told from a sweep's by its timestamp when nothing is in flight", () => {
      const flow = flowOf();
      const sent = probePacket(flow);
      flow.inFlight = false;
      expect(match(flow, synAck(sent))).toEqual(ANSWERED);
    });

    test("is a sweep's answer where it echoes another timestamp", () => {
      const flow = flowOf();
      probePacket(flow);
      const sweep = sweepPacket(flow, 9);
      expect(match(flow, synAck(sweep))).toMatchObject(
        sweepAnswer({
          identification: undefined,
          timestamp: sweep.timestamp,
          kind: "destination",
          responder: { text: TARGET },
          rateLimited: false,
        }),
      );
    });

    test("is a reset that acknowledges the SYN or, from stacks that do not count it, its sequence number", () => {
      for (const acknowledges of [0, 1]) {
        const flow = flowOf();
        const sent = probePacket(flow);
        expect(match(flow, reset(sent, { acknowledges }))).toMatchObject(failed("refused", TARGET));
      }
    });

    test("is nothing that acknowledges another number", () => {
      const flow = flowOf();
      const sent = probePacket(flow);
      const wrong = ignored("wrong_acknowledgement");
      for (const acknowledges of [0, 2, 1000, 2 ** 31]) {
        expect(match(flow, synAck(sent, { acknowledges }))).toEqual(wrong);
      }
      for (const acknowledges of [2, 2 ** 32 - 1]) {
        expect(match(flow, reset(sent, { acknowledges }))).toEqual(wrong);
      }
    });
  });

  describe("a gateway that answers under the target's address", () => {
    test.each(["tcp", "udp", "icmp"] as const)("is a silent hop of a %s sweep", (protocol) => {
      const flow = flowOf({ protocol });
      probePacket(flow);
      const sweep = sweepPacket(flow, 1);
      expect(match(flow, expiredAt(TARGET, sweep))).toEqual(ignored("hop_without_address"));
      expect(match(flow, expiredAt(ROUTER, sweep))).toMatchObject(
        sweepAnswer({ kind: "hop", responder: { text: ROUTER } }),
      );
    });

    test("does not answer a probe whose hop limit ran out in a loop", () => {
      const flow = flowOf();
      expect(match(flow, expiredAt(TARGET, probePacket(flow)))).toMatchObject(
        failed("ttl_exceeded", TARGET),
      );
    });
  });

  describe("a payload that comes back", () => {
    test("answers the UDP probe whose counter it repeats", () => {
      const flow = flowOf({ protocol: "udp" });
      expect(match(flow, datagram(probePacket(flow)))).toMatchObject(ANSWERED);
    });

    test("answers the UDP probe in flight where the service does not echo", () => {
      const flow = flowOf({ protocol: "udp" });
      const sent = probePacket(flow);
      for (const length of [0, 3, 8, 9, 40]) {
        expect(match(flow, datagram(sent, new Uint8Array(length)))).toMatchObject(ANSWERED);
      }
      // The key without the counter behind it does not tell which packet is answered.
      expect(match(flow, datagram(sent, sent.payload.slice(0, 9)))).toMatchObject(ANSWERED);
    });

    test("answers the sweep whose identification it repeats", () => {
      const flow = flowOf({ protocol: "udp" });
      probePacket(flow);
      const sweep = sweepPacket(flow, 9);
      expect(match(flow, datagram(sweep))).toMatchObject(
        sweepAnswer({ identification: identify(9, 40), kind: "destination", rateLimited: false }),
      );
    });

    test("answers the ping or the sweep whose sequence number it has", () => {
      const flow = flowOf({ protocol: "icmp" });
      expect(match(flow, pong(probePacket(flow)))).toEqual(ANSWERED);
      const sweep = sweepPacket(flow, 9);
      expect(match(flow, pong(sweep))).toMatchObject(
        sweepAnswer({
          identification: identify(9, 40),
          kind: "destination",
          responder: { text: TARGET },
        }),
      );
    });

    test("is no answer to a ping without the keyed bytes", () => {
      const flow = flowOf({ protocol: "icmp" });
      const sent = probePacket(flow);
      expect(match(flow, pong(sent, { payload: new Uint8Array(10) }))).toEqual(
        ignored("wrong_quote"),
      );
      expect(match(flow, pong(sent, { payload: sent.payload.slice(0, 7) }))).toEqual(
        ignored("wrong_quote"),
      );
    });
  });

  describe.each(["tcp", "udp", "icmp"] as const)("an ICMP error about a %s packet", (protocol) => {
    test("fails the probe it quotes, and names who said so", () => {
      const flow = flowOf({ protocol });
      const sent = probePacket(flow);
      expect(match(flow, expiredAt(ROUTER, sent))).toMatchObject(failed("ttl_exceeded", ROUTER));
      expect(match(flow, refusedBy(ROUTER, sent, { code: host }))).toMatchObject(
        failed("unreachable", ROUTER),
      );
      for (const code of prohibited) {
        expect(match(flow, refusedBy(ROUTER, sent, { code }))).toMatchObject(
          failed("prohibited", ROUTER),
        );
      }
    });

    test("is a hop or a rejection where it quotes a packet of a sweep", () => {
      const flow = flowOf({ protocol });
      probePacket(flow);
      const sweep = sweepPacket(flow, 3);
      const told = toldBy(sweep, protocol);
      expect(match(flow, expiredAt(ROUTER, sweep))).toMatchObject(
        sweepAnswer({ ...told, kind: "hop", responder: { text: ROUTER }, rateLimited: false }),
      );
      expect(match(flow, refusedBy(ROUTER, sweep, { code: prohibited[0] }))).toMatchObject(
        sweepAnswer({ ...told, kind: "rejected", rateLimited: false }),
      );
      expect(match(flow, refusedBy(TARGET, sweep))).toMatchObject(
        sweepAnswer({ ...told, kind: "destination", rateLimited: true }),
      );
    });

    test("is ignored where it quotes what was never sent", () => {
      const flow = flowOf({ protocol });
      const sent = probePacket(flow);
      // Sequence number of TCP; checksum of UDP; of ICMP the checksum and, in IPv4, what stands in two places.
      const twice = family === 4 ? [header + 6, 5] : [];
      const places = {
        tcp: [header + 4, header + 7],
        udp: [header + 6, header + 7],
        icmp: [header + 2, header + 3, ...twice],
      }[protocol];
      for (const at of places) {
        const quoted = forged(sent, at);
        // Of UDP the keyed bytes behind the header would be as good as the checksum: who knows neither quotes other ones.
        // Of TCP so would be the timestamp.
        quoted.fill(0x5a, { udp: header + 8, tcp: header + 28, icmp: quoted.length }[protocol]);
        const answer = match(flow, expiredAt(ROUTER, sent, { quoted, quoteBytes: quoted.length }));
        if (family === 6 && protocol === "tcp") {
          // Nobody sent a sweep's packet with this timestamp.
          expect(answer).toMatchObject(sweepAnswer({ timestamp: 0x5a5a5a5a, kind: "hop" }));
        } else expect(answer).toEqual(ignored("wrong_quote"));
      }
    });

    test("is ignored where it quotes an earlier probe of the flow", () => {
      const flow = flowOf({ protocol });
      const earlier = probePacket(flow, 10);
      probePacket(flow, 11);
      expect(flow.identification).toBe(identify(0, 11));
      const answer = match(flow, expiredAt(ROUTER, earlier));
      // A timestamp does not say whose it is; nobody sent a sweep's packet with it.
      if (family === 6 && protocol === "tcp") {
        expect(answer).toMatchObject(sweepAnswer({ timestamp: earlier.timestamp, kind: "hop" }));
      } else expect(answer).toEqual(ignored("unmatched"));
    });

    test("says as much as can be known with the 8 bytes behind the header that RFC 792 asks for", () => {
      const flow = flowOf({ protocol });
      const sent = probePacket(flow);
      const cut = { quoteBytes: header + 8 };
      const told = family === 4 || protocol === "icmp";
      expect(match(flow, expiredAt(ROUTER, sent, cut))).toMatchObject(
        told
          ? failed("ttl_exceeded", ROUTER)
          : sweepAnswer({ identification: undefined, timestamp: undefined, kind: "hop" }),
      );
      expect(match(flow, refusedBy(ROUTER, sent, { ...cut, code: host }))).toMatchObject(
        failed("unreachable", ROUTER),
      );
      flow.inFlight = false;
      if (told) return;
      expect(match(flow, refusedBy(ROUTER, sent, { ...cut, code: host }))).toMatchObject(
        sweepAnswer({ identification: undefined, timestamp: undefined, kind: "rejected" }),
      );
    });

    test.runIf(family === 6)(
      "is understood behind extension headers, and survives broken ones",
      () => {
        const flow = flowOf({ protocol });
        const sent = probePacket(flow);
        const plain = [...sent.bytes];
        const number = plain[6] ?? 0;
        for (const [length, whole] of [
          [1, true],
          [200, false],
        ] as const) {
          const quoted = Uint8Array.from([
            ...plain.slice(0, 4),
            0,
            plain.length - 40 + 16,
            60,
            ...plain.slice(7, 40),
            ...[number, length, 1, 12, ...new Array<number>(12).fill(0)],
            ...plain.slice(40),
          ]);
          const packet = expiredAt(ROUTER, sent, { quoted });
          const reply = readReply(packet, 0, packet.length);
          if (!whole) expect(reply).toBe("malformed");
          else expect(match(flow, packet)).toMatchObject(failed("ttl_exceeded", ROUTER));
        }
      },
    );
  });

  describe("port unreachable", () => {
    test("of the target itself is what a UDP probe without a payload hopes for, and is rateLimited", () => {
      const flow = flowOf({ protocol: "udp" });
      expect(match(flow, refusedBy(TARGET, probePacket(flow)))).toEqual({
        what: "probe",
        result: { kind: "answered", rateLimited: true },
      });
    });

    test("of another host is a failure", () => {
      const flow = flowOf({ protocol: "udp" });
      expect(match(flow, refusedBy(ROUTER, probePacket(flow)))).toMatchObject(
        failed("unreachable", ROUTER),
      );
    });

    test("of an address that is no router's is the target's where the hop limit was used up, of a router's the router's", () => {
      const flow = flowOf({ protocol: "udp" });
      probePacket(flow);
      const sweep = sweepPacket(flow, 2);
      const quoted = Uint8Array.from(sweep.bytes);
      quoted[family === 4 ? 8 : 7] = 1;
      const answer = () => match(flow, refusedBy(ROUTER, sweep, { quoted }));
      expect(answer()).toMatchObject(sweepAnswer({ kind: "destination", rateLimited: true }));
      const hop = match(flow, expiredAt(ROUTER, sweepPacket(flow, 1)));
      if (hop.what === "sweep") flow.target.ownAddresses.answered(hop.answer);
      expect(answer()).toMatchObject(sweepAnswer({ kind: "rejected", rateLimited: false }));
    });

    test("of the target refuses a TCP probe", () => {
      const flow = flowOf();
      expect(match(flow, refusedBy(TARGET, probePacket(flow)))).toMatchObject(
        failed("refused", TARGET),
      );
    });
  });
});
