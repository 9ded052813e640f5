import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "./lab.ts";

/** One captured packet. Ports are 0 and flags and sequence number undefined where there are none. */
export interface CapturedPacket {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly protocol: "tcp" | "udp" | "icmp" | "other";
  /** TTL or hop limit. */
  readonly ttl: number;
  /** IPv6 flow label; 0 in IPv4. */
  readonly flowLabel: number;
  /** For ICMP: 0. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP flags as a number (SYN is 2, RST 4, ACK 16). */
  readonly flags: number | undefined;
  readonly sequence: number | undefined;
  readonly icmpType: number | undefined;
  /** The packet from its IP header on, as far as it was captured. */
  readonly bytes: Uint8Array;
}

/** Packets written to a file by tcpdump until stopped. */
export interface Capture {
  /** Ends the capture and returns all packets in the order seen. */
  stop(): Promise<CapturedPacket[]>;
}

/** Captures on one interface of a node: `in`, `out` or both directions. */
export async function startCapture(
  lab: Lab,
  node: string,
  interfaceName: string,
  direction: "in" | "out" | "inout" = "inout",
  filter = "ip",
): Promise<Capture> {
  const file = join(lab.temporaryDirectory(), "packets.pcap");
  // Each packet goes to the file at once, so that a stop loses none, and the file stays ours.
  const options = [
    "-nn",
    "-U",
    "--immediate-mode",
    "-Z",
    "root",
    "-s",
    "128",
    "-B",
    "16384",
    "-Q",
    direction,
  ];
  const tcpdump = lab.spawn(node, ["tcpdump", ...options, "-i", interfaceName, "-w", file, filter]);
  await tcpdump.said("listening on");
  return {
    stop: async () => {
      await tcpdump.stop("SIGINT");
      return readPcap(readFileSync(file));
    },
  };
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const PROTOCOLS: Readonly<Record<number, "tcp" | "udp" | "icmp">> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  58: "icmp",
};

/** Reads a capture file in tcpdump's classic format, little endian, microseconds, Ethernet. */
export function readPcap(file: Buffer): CapturedPacket[] {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) {
    throw new Error("not a little-endian Ethernet capture");
  }
  const packets: CapturedPacket[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= file.length; ) {
    const time = file.readUInt32LE(at) + file.readUInt32LE(at + 4) / 1e6;
    const length = file.readUInt32LE(at + 8);
    const start = at + RECORD_HEADER + ETHERNET_HEADER;
    at += RECORD_HEADER + length;
    if (at > file.length) break;
    const packet = readPacket(file.subarray(start, at), time);
    if (packet !== undefined) packets.push(packet);
  }
  return packets;
}

function readPacket(bytes: Buffer, time: number): CapturedPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (bytes.length < 28 || (version !== 4 && !(version === 6 && bytes.length >= 48))) {
    return undefined;
  }
  const v4 = version === 4;
  const body = bytes.subarray(v4 ? ((bytes[0] ?? 0) & 15) * 4 : 40);
  const protocol = PROTOCOLS[bytes[v4 ? 9 : 6] ?? 0] ?? "other";
  const hasPorts = protocol === "tcp" || protocol === "udp";
  return {
    time,
    source: v4 ? [...bytes.subarray(12, 16)].join(".") : addressText(bytes.subarray(8, 24)),
    destination: v4 ? [...bytes.subarray(16, 20)].join(".") : addressText(bytes.subarray(24, 40)),
    protocol,
    ttl: bytes[v4 ? 8 : 7] ?? 0,
    flowLabel: v4 ? 0 : bytes.readUInt32BE(0) & 0xfffff,
    sourcePort: hasPorts ? body.readUInt16BE(0) : 0,
    destinationPort: hasPorts ? body.readUInt16BE(2) : 0,
    flags: protocol === "tcp" ? body[13] : undefined,
    sequence: protocol === "tcp" ? body.readUInt32BE(4) : undefined,
    icmpType: protocol === "icmp" ? body[0] : undefined,
    bytes: Uint8Array.from(bytes),
  };
}

/** As RFC 5952 has it, which is how the URL parser writes addresses. */
function addressText(bytes: Buffer): string {
  const groups = bytes.toString("hex").match(/..../g) ?? [];
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
