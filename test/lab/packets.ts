/**
 * Builds whole IPv4 packets for tests: a second, independent hand, so that the labs do not check the code under
 * test with itself. Everything is one function per header, bytes in network order.
 */

/** Flags of a TCP header (RFC 9293, 3.1). */
export const TCP_FLAGS = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** What stands in an IPv4 header. */
export interface Ipv4Fields {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly ttl?: number;
}

/** What stands in a TCP header. */
export interface TcpFields {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly flags?: number;
  readonly ttl?: number;
}

/** An IPv4 packet with a payload (RFC 791, 3.1); no options. */
export function ipv4Packet(fields: Ipv4Fields, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header[8] = fields.ttl ?? 64;
  header[9] = fields.protocol;
  header.set(octets(fields.source), 12);
  header.set(octets(fields.destination), 16);
  header.writeUInt16BE(internetChecksum(header), 10);
  return Buffer.concat([header, payload]);
}

/** A TCP segment in an IPv4 packet (RFC 9293, 3.1); a SYN unless told otherwise, no options. */
export function tcpPacket(fields: TcpFields): Buffer {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(fields.sourcePort, 0);
  segment.writeUInt16BE(fields.destinationPort, 2);
  segment.writeUInt32BE(fields.sequence ?? 1, 4);
  segment.writeUInt32BE(fields.acknowledgement ?? 0, 8);
  segment[12] = 5 << 4;
  segment[13] = fields.flags ?? TCP_FLAGS.syn;
  segment.writeUInt16BE(64_240, 14);
  const pseudo = Buffer.from([
    ...octets(fields.source),
    ...octets(fields.destination),
    0,
    6,
    0,
    20,
  ]);
  segment.writeUInt16BE(internetChecksum(Buffer.concat([pseudo, segment])), 16);
  return ipv4Packet({ ...fields, protocol: 6 }, segment);
}

/** An ICMP error that quotes the first 28 bytes of a packet (RFC 792), in an IPv4 packet. */
export function icmpError(
  from: { readonly source: string; readonly destination: string },
  type: number,
  code: number,
  quoted: Uint8Array,
): Buffer {
  const message = Buffer.alloc(8 + 28);
  message[0] = type;
  message[1] = code;
  message.set(quoted.subarray(0, 28), 8);
  message.writeUInt16BE(internetChecksum(message), 2);
  return ipv4Packet({ ...from, protocol: 1 }, message);
}

/** The ones' complement sum of RFC 1071, one 16-bit word at a time. */
function internetChecksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return ~sum & 0xffff;
}

function octets(address: string): number[] {
  return address.split(".").map(Number);
}
