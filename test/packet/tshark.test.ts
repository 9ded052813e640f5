import { describe, expect, test } from "vitest";
import type { Address } from "../../src/packet/address.ts";
import { writeEcho } from "../../src/packet/icmp.ts";
import { IP_PROTOCOL, patchIp, writeIp } from "../../src/packet/ip.ts";
import { writeSyn } from "../../src/packet/tcp.ts";
import { writeUdp } from "../../src/packet/udp.ts";
import { address } from "../support/address.ts";
import {
  echoReply,
  tcpPacket,
  timeExceeded,
  timestamps,
  udpPacket,
  unreachable,
} from "../support/packet-builder.ts";
import { dissect, tsharkIsMissing } from "../support/tshark.ts";

/*
 * Wireshark's dissectors as a judge from outside: of what we send, and of the naive builder that the other tests
 * believe.
 */

const skipped = tsharkIsMissing();

const FIELDS = [
  "ip.version",
  "ip.checksum.status",
  "tcp.checksum.status",
  "udp.checksum.status",
  "icmp.checksum.status",
  "icmpv6.checksum.status",
  "_ws.malformed",
  "_ws.expert.severity",
  "_ws.expert.message",
] as const;

/** Expert severities from "warning" on (epan/proto.h, PI_WARN). */
const WARNING = 0x600000;

/** Fails for anything malformed, any wrong checksum and any expert opinion from "warning" on. */
function expectClean(dissected: Record<string, string>): void {
  const values = (name: (typeof FIELDS)[number]): string[] =>
    (dissected[name] ?? "").split(";").filter((value) => value !== "");
  expect(values("_ws.malformed")).toEqual([]);
  const severe = values("_ws.expert.severity").filter((severity) => Number(severity) >= WARNING);
  expect(severe, dissected["_ws.expert.message"]).toEqual([]);
  const statuses = FIELDS.filter((name) => name.endsWith(".status")).flatMap(values);
  // 1 is "good"; 0 would be "bad", 2 "not verified".
  expect(new Set(statuses)).toEqual(new Set(["1"]));
}

/** A packet of ours: the IP header for what `write` puts behind it. */
function packetOf(
  source: Address,
  destination: Address,
  protocol: number,
  write: (out: Uint8Array, offset: number) => number,
): Uint8Array {
  const out = new Uint8Array(256);
  const headerLength = source.family === 4 ? 20 : 40;
  const payloadLength = write(out, headerLength);
  const common = { source, destination, protocol, payloadLength };
  writeIp(out, 0, { ...common, hopLimit: 9, dscp: 46, id: 0xfedc, flowLabel: 0xabcde });
  return out.slice(0, headerLength + payloadLength);
}

const families = [
  { family: 4, from: "192.0.2.1", to: "198.51.100.2" },
  { family: 6, from: "2001:db8::1", to: "2001:db8:2::2" },
] as const;

describe.skipIf(skipped).each(families)("tshark, of IPv$family", ({ family, from, to }) => {
  const source = address(from);
  const destination = address(to);
  const ip = family === 4 ? "ip" : "ipv6";
  const payload = Uint8Array.from({ length: 33 }, (_, i) => i * 7);

  test("reads our SYN as it is meant, without complaint", () => {
    const fields = {
      sourcePort: 61000,
      destinationPort: 3306,
      sequence: 0xfedcba98,
      timestamp: 0x80000001,
    };
    const syn = packetOf(source, destination, IP_PROTOCOL.tcp, (out, offset) =>
      writeSyn(out, offset, fields, source, destination),
    );
    const expected: Record<string, string> = {
      [`${ip}.src`]: from,
      [`${ip}.dst`]: to,
      [family === 4 ? "ip.dsfield.dscp" : "ipv6.tclass.dscp"]: "46",
      [family === 4 ? "ip.ttl" : "ipv6.hlim"]: "9",
      ...(family === 4
        ? { "ip.id": "0xfedc", "ip.flags.df": "1", "ip.len": "60" }
        : { "ipv6.flow": "0x0abcde", "ipv6.plen": "40" }),
      "tcp.srcport": "61000",
      "tcp.dstport": "3306",
      "tcp.seq_raw": String(0xfedcba98),
      "tcp.flags": "0x0002",
      "tcp.hdr_len": "40",
      "tcp.window_size_value": family === 4 ? "64240" : "64800",
      "tcp.options.mss_val": family === 4 ? "1460" : "1440",
      "tcp.options.timestamp.tsval": String(0x80000001),
      "tcp.options.timestamp.tsecr": "0",
      "tcp.options.wscale.shift": "7",
      "tcp.option_kind": "2;4;8;1;3",
    };
    const [dissected = {}] = dissect([syn], [...FIELDS, ...Object.keys(expected)]);
    expectClean(dissected);
    expect(dissected).toMatchObject(expected);
  });

  test("reads our UDP datagrams of even and odd length without complaint", () => {
    const packets = [0, 1, 32, 33].map((length) =>
      packetOf(source, destination, IP_PROTOCOL.udp, (out, offset) => {
        const ports = { sourcePort: 61000, destinationPort: 40000 };
        const fields = { ...ports, payload: payload.subarray(0, length) };
        return writeUdp(out, offset, fields, source, destination);
      }),
    );
    const dissected = dissect(packets, [...FIELDS, "udp.length", "udp.srcport", "udp.dstport"]);
    for (const packet of dissected) {
      expectClean(packet);
      expect(packet).toMatchObject({ "udp.srcport": "61000", "udp.dstport": "40000" });
    }
    expect(dissected.map((packet) => packet["udp.length"])).toEqual(["8", "9", "40", "41"]);
  });

  test("reads our echo requests without complaint", () => {
    const protocol = family === 4 ? IP_PROTOCOL.icmp : IP_PROTOCOL.icmpv6;
    const packets = [0, 33].map((length) =>
      packetOf(source, destination, protocol, (out, offset) => {
        const numbers = { identifier: 0xbeef, sequence: 0x1234 };
        const fields = { ...numbers, payload: payload.subarray(0, length) };
        return writeEcho(out, offset, fields, family, source, destination);
      }),
    );
    const expected: Record<string, string> =
      family === 4
        ? { "icmp.type": "8", "icmp.ident": String(0xbeef), "icmp.seq": String(0x1234) }
        : {
            "icmpv6.type": "128",
            "icmpv6.echo.identifier": "0xbeef",
            "icmpv6.echo.sequence_number": String(0x1234),
          };
    for (const packet of dissect(packets, [...FIELDS, ...Object.keys(expected)])) {
      expectClean(packet);
      expect(packet).toMatchObject(expected);
    }
  });

  test("finds nothing wrong with the packets of the naive builder", () => {
    const ends = { from, to };
    const back = { from: to, to: from };
    const ports = { sourcePort: 61000, destinationPort: 40000 };
    const quoted = [
      tcpPacket({ ...ends, ...ports, flags: ["syn"], options: timestamps(1, 0), ttl: 1 }),
      udpPacket({ ...ends, ...ports, payload, ttl: 1 }),
    ];
    const extension = [0x20, 0, 0x9b, 0x03, 0, 8, 1, 1, 0x01, 0xf4, 0x41, 0xff];
    const packets = [
      ...quoted,
      tcpPacket({ ...ends, ...ports, flags: ["syn", "ack"], options: [2, 4, 5, 180] }),
      echoReply({ ...ends, identifier: 1, sequence: 2, payload }),
      ...quoted.flatMap((packet) => [
        timeExceeded({ ...back, quoted: packet }),
        timeExceeded({ ...back, quoted: packet, extension }),
        unreachable({ ...back, quoted: packet, code: 1 }),
      ]),
    ];
    for (const packet of dissect(packets, FIELDS)) expectClean(packet);
  });
});

describe.skipIf(skipped)("tshark", () => {
  const source = address("192.0.2.1");
  const destination = address("198.51.100.2");
  const probe = (): Uint8Array =>
    packetOf(source, destination, IP_PROTOCOL.udp, (out, offset) => {
      const fields = { sourcePort: 61000, destinationPort: 40000, payload: Uint8Array.of(1) };
      return writeUdp(out, offset, fields, source, destination);
    });

  test("accepts the header checksum after every patch", () => {
    const packet = probe();
    const packets: Uint8Array[] = [];
    for (let hopLimit = 1; hopLimit <= 255; hopLimit += 2) {
      patchIp(packet, 0, hopLimit, (hopLimit * 257) & 0xffff);
      packets.push(packet.slice());
    }
    const dissected = dissect(packets, [...FIELDS, "ip.ttl", "ip.id"]);
    dissected.forEach((header, i) => {
      expectClean(header);
      expect(header["ip.ttl"]).toBe(String(2 * i + 1));
      expect(Number(header["ip.id"])).toBe((2 * i + 1) * 257);
    });
  });

  test("does notice a wrong checksum, so that its silence means something", () => {
    for (const at of [11, 27]) {
      const packet = probe();
      packet[at] = (packet[at] ?? 0) ^ 1;
      const [dissected = {}] = dissect([packet], FIELDS);
      expect(() => expectClean(dissected)).toThrow();
    }
  });
});
