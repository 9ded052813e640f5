import { sumBytes } from "../../packet/checksum.ts";
import { equalAt, readUint16 } from "../../packet/octets.ts";
import type { Quote } from "../../packet/quote.ts";
import { UDP_HEADER_BYTES } from "../../packet/udp.ts";
import type { ProbedFlow } from "../probed-flow.ts";

/** Where the checksum stands in an echo request (RFC 792, RFC 4443). */
const ICMP_CHECKSUM_OFFSET = 2;
/** Ones' complement sums are numbers modulo this. */
const MODULUS = 0xffff;

/**
 * What a flow's packets carry from end to end and nobody off the path knows, as one number: the keyed sequence number of
 * TCP; of UDP and ICMP the keyed payload's part of the checksum, which stays when a NAT rewrites addresses and
 * ports and brings the checksum up to date by the difference (RFC 1624).
 */
export function proofOf(flow: ProbedFlow): number {
  const { sourcePort } = flow;
  const { protocol, port, source, address } = flow.target.target;
  if (protocol === "tcp") return flow.sequence;
  const covered = protocol === "udp" || address.family === 6;
  const addresses = covered ? sumAll(source.bytes) + sumAll(address.bytes) : 0;
  return payloadSum(flow.packet.checksum, addresses + sourcePort + port);
}

/** The same number from a quoted packet; undefined where the quote has none (UDP without a checksum). */
export function quotedProof(quote: Quote, bytes: Uint8Array): number | undefined {
  const { ip, sourcePort, destinationPort, sequence, udpChecksum } = quote;
  if (udpChecksum === undefined && ip.protocol === 6) return sequence;
  const checksum = udpChecksum ?? readUint16(bytes, ip.payloadOffset + ICMP_CHECKSUM_OFFSET);
  if (udpChecksum === 0) return undefined;
  const size = ip.family === 4 ? 4 : 16;
  const covered = udpChecksum !== undefined || ip.family === 6;
  const addresses = covered
    ? sumBytes(bytes, ip.sourceOffset, ip.sourceOffset + size) +
      sumBytes(bytes, ip.destinationOffset, ip.destinationOffset + size)
    : 0;
  return payloadSum(checksum, addresses + sourcePort + destinationPort);
}

/**
 * Whether whoever quotes has seen a packet of the flow. Of UDP the keyed bytes themselves are as good, where they are
 * quoted: some NATs put the ports of a quote back and leave its checksum as it is.
 */
export function authenticatesQuote(flow: ProbedFlow, quote: Quote, bytes: Uint8Array): boolean {
  if (quotedProof(quote, bytes) === proofOf(flow)) return true;
  if (quote.udpChecksum === undefined) return false;
  const { key } = flow.packet;
  const at = quote.ip.payloadOffset + UDP_HEADER_BYTES;
  return key !== undefined && at + key.length <= quote.ip.payloadEnd && equalAt(bytes, at, key);
}

/** What a checksum says of everything it covers but `known`. */
function payloadSum(checksum: number, known: number): number {
  return (((MODULUS - checksum - known) % MODULUS) + MODULUS) % MODULUS;
}

function sumAll(bytes: Uint8Array): number {
  return sumBytes(bytes, 0, bytes.length);
}
