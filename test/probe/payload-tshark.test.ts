import { beforeAll, describe, expect, test } from "vitest";
import type { PayloadSpec } from "../../src/flow/target.ts";
import { reflect } from "../../src/packet/payload/stamp-reflection.ts";
import { identify } from "../../src/probe/probe-id.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { udpPacket } from "../support/packet-builder.ts";
import { makeFlow } from "../support/probed-flow.ts";
import { ENDS } from "../support/target.ts";
import { dissect, tsharkIsMissing } from "../support/tshark.ts";

/* Wireshark's dissectors as a judge of every kind of UDP probe, as it leaves: right checksums, nothing malformed. */

const STATUS = [
  "_ws.malformed",
  "_ws.expert.severity",
  "_ws.expert.message",
  "udp.checksum.status",
];
/** Expert severities from "warning" on (epan/proto.h, PI_WARN). */
const WARNING = 0x600000;
const STAMP_PORT = ["udp.port==862,twamp.test"];

interface Case {
  readonly payload?: PayloadSpec;
  readonly port: number;
  /** What tshark reads in the first probe. */
  readonly reads: Readonly<Record<string, string>>;
  /** A warning that is right: see the case. */
  readonly allowed?: RegExp;
}

const CASES: readonly Case[] = [
  { port: 40_000, reads: { "data.len": "12" } },
  {
    payload: { kind: "dns", name: "www.example.net" },
    port: 53,
    reads: {
      "dns.qry.name": "www.example.net",
      "dns.qry.type": "1",
      "dns.flags.response": "0",
      "dns.flags.recdesired": "1",
      "dns.opt.code": "10",
      "dns.rr.udp_payload_size": "1232",
    },
  },
  { payload: { kind: "ntp" }, port: 123, reads: { "ntp.flags.mode": "3", "ntp.flags.vn": "4" } },
  {
    payload: { kind: "quic" },
    port: 443,
    reads: { "quic.version": "0x1a2a3a4a", "quic.long.packet_type": "0", "quic.length": "1173" },
    // It takes the unknown version for version 1 and tries to decrypt what nobody has encrypted.
    allowed: /^Decryption failed/,
  },
  {
    payload: { kind: "stamp" },
    port: 862,
    reads: { "twamp.test.seq_number": "1", "twamp.test.error_estimate.multiplier": "1;0" },
  },
  {
    payload: { kind: "hex", bytes: "0102ff", expect: "" },
    port: 40_001,
    reads: { "data.data": "0102ff" },
  },
];

/** What tshark reads in the reflector's answer. */
const REFLECTED = {
  "twamp.test.seq_number": "8",
  "twamp.test.sender_seq_number": "1",
  "twamp.test.sender_ttl": "61",
};

function sent(flow: ProbedFlow, ttl: number, count: number): Uint8Array {
  flow.packet.stamp(ttl === 0 ? 64 : ttl, identify(ttl, count), count, 1_700_000_000_000 + count);
  return Uint8Array.from(flow.packet.bytes.subarray(0, flow.packet.length));
}

/** A probe, a packet of a sweep and another probe of one flow. */
function packetsOf({ payload, port }: Case, family: 4 | 6): Uint8Array[] {
  const settings = { ...ENDS[family], protocol: "udp" as const, port, ...(payload && { payload }) };
  const flow = makeFlow(settings);
  return [sent(flow, 0, 1), sent(flow, 3, 2), sent(flow, 0, 300)];
}

/** What the reflector makes of a probe. */
function reflected(family: 4 | 6): Uint8Array {
  const settings = { ...ENDS[family], protocol: "udp" as const, port: 862 };
  const flow = makeFlow({ ...settings, payload: { kind: "stamp" } });
  const payload = sent(flow, 0, 1).slice(family === 4 ? 28 : 48);
  const times = { receivedAt: 1_700_000_000_007, answeredAt: 1_700_000_000_008 };
  const session = { received: 9, answered: 9 };
  reflect(payload, { ...times, session, sender: () => session, ttl: 61 });
  const ends = { from: ENDS[family].to, to: ENDS[family].from };
  return udpPacket({ ...ends, sourcePort: 862, destinationPort: 61_000, payload });
}

describe.skipIf(tsharkIsMissing()).each([4, 6] as const)("tshark, of IPv%d", (family) => {
  /** By case; the reflector's answer at the end. tshark takes a second to start, so it is asked once. */
  const read: Record<string, string>[][] = [];
  beforeAll(() => {
    const groups = [...CASES.map((each) => packetsOf(each, family)), [reflected(family)]];
    const fields = [...STATUS, "udp.checksum", ...Object.keys(REFLECTED)];
    for (const { reads } of CASES) fields.push(...Object.keys(reads));
    const all = dissect(groups.flat(), [...new Set(fields)], STAMP_PORT);
    for (const group of groups) read.push(all.splice(0, group.length));
  });

  test.each(CASES.map((each, index) => ({ ...each, index })))(
    "reads the probe $payload.kind to port $port without complaint",
    ({ index, reads, allowed = /^(?!)/ }) => {
      const packets = read[index] ?? [];
      expect(packets).toHaveLength(3);
      for (const packet of packets) {
        const severities = packet["_ws.expert.severity"]?.split(";") ?? [];
        const messages = packet["_ws.expert.message"]?.split(";") ?? [];
        const severe = messages.filter((_, i) => Number(severities[i] ?? 0) >= WARNING);
        expect(severe.filter((message) => !allowed.test(message))).toEqual([]);
        expect(packet).toMatchObject({ "_ws.malformed": "", "udp.checksum.status": "1" });
      }
      expect(packets[0]).toMatchObject(reads);
      expect(new Set(packets.map((packet) => packet["udp.checksum"])).size).toBe(1);
    },
  );

  test("reads the reflector's answer, and what it says of the request", () => {
    const [answer] = read.at(-1) ?? [];
    const clean = { "_ws.malformed": "", "_ws.expert.severity": "", "udp.checksum.status": "1" };
    expect(answer).toMatchObject({ ...REFLECTED, ...clean });
  });
});
