import { type IcmpMessage, readIcmp } from "../../packet/icmp.ts";
import { IP_PROTOCOL, readIp } from "../../packet/ip.ts";
import type { IpHeader } from "../../packet/ip-header.ts";
import { type Quote, readQuote } from "../../packet/quote.ts";
import { readTcp, TCP_FLAGS } from "../../packet/tcp.ts";
import { hasRightChecksum } from "../../packet/transport-checksum.ts";
import { readUdp } from "../../packet/udp.ts";

/** The 5-tuple a reply belongs to, as we sent it: addresses by their offset in the packet. */
export interface ReplyTuple {
  readonly family: 4 | 6;
  /** IP protocol number of the probe. */
  readonly protocol: number;
  /** Where our address, and the target's, begin in the received bytes. */
  readonly localOffset: number;
  readonly remoteOffset: number;
  /** Our port (ICMP: echo identifier) and the target's (ICMP: 0). */
  readonly localPort: number;
  readonly remotePort: number;
}

/** A received packet that may answer a probe, not yet matched to one. */
export type ReceivedReply =
  | (ReplyTuple & {
      readonly kind: "syn_ack" | "reset";
      /** The sender's own sequence number. */
      readonly sequence: number;
      readonly acknowledgement: number;
      readonly timestampEcho: number | undefined;
    })
  | (ReplyTuple & {
      readonly kind: "datagram";
      readonly payloadOffset: number;
      readonly payloadEnd: number;
    })
  | (ReplyTuple & {
      readonly kind: "echo_reply";
      readonly payloadOffset: number;
      readonly payloadEnd: number;
      /** ICMP sequence number. */
      readonly sequence: number;
    })
  | (ReplyTuple & {
      readonly kind: "icmp_error";
      readonly error: "time_exceeded" | "port" | "prohibited" | "other";
      /** Where the address of the router or host that reports begins. */
      readonly responderOffset: number;
      readonly quote: Quote;
      /** Where what is quoted begins and ends, and the ICMP message. */
      readonly quoteOffset: number;
      readonly quoteEnd: number;
      readonly messageEnd: number;
    });

/** Why a packet is no reply to any probe. */
export type NoReply = "malformed" | "irrelevant" | "bad_checksum";

/**
 * Reads a received IP packet.
 * @param verified its transport checksum need not be looked at: the network card has, or this host has not made it yet
 * @returns `malformed` for one that is cut short or broken, `bad_checksum` for one that got damaged on the way and that this
 *   host's stack drops, `irrelevant` for one that answers no kind of probe
 */
export function readReply(
  bytes: Uint8Array,
  offset: number,
  end: number,
  verified = false,
): ReceivedReply | NoReply {
  const ip = readIp(bytes, offset, end);
  if (ip === undefined) return "malformed";
  if (ip.fragmentOffset !== 0) return "irrelevant";
  if (!verified && !hasRightChecksum(bytes, ip)) return "bad_checksum";
  switch (ip.protocol) {
    case IP_PROTOCOL.tcp:
      return tcpReply(bytes, ip);
    case IP_PROTOCOL.udp:
      return udpReply(bytes, ip);
    case IP_PROTOCOL.icmp:
    case IP_PROTOCOL.icmpv6:
      return icmpReply(bytes, ip);
    default:
      return "irrelevant";
  }
}

function tcpReply(bytes: Uint8Array, ip: IpHeader): ReceivedReply | "malformed" | "irrelevant" {
  const tcp = readTcp(bytes, ip.payloadOffset, ip.payloadEnd);
  if (tcp === undefined) return "malformed";
  const reset = (tcp.flags & TCP_FLAGS.rst) !== 0;
  const both = TCP_FLAGS.syn | TCP_FLAGS.ack;
  if (!reset && (tcp.flags & both) !== both) return "irrelevant";
  // Nearly every packet ends here: to spread the tuple of `answered` would cost as much as to read the header.
  return {
    kind: reset ? "reset" : "syn_ack",
    family: ip.family,
    protocol: ip.protocol,
    localOffset: ip.destinationOffset,
    remoteOffset: ip.sourceOffset,
    localPort: tcp.destinationPort,
    remotePort: tcp.sourcePort,
    sequence: tcp.sequence,
    acknowledgement: tcp.acknowledgement,
    timestampEcho: tcp.timestampEcho,
  };
}

function udpReply(bytes: Uint8Array, ip: IpHeader): ReceivedReply | "malformed" {
  const udp = readUdp(bytes, ip.payloadOffset, ip.payloadEnd);
  if (udp === undefined) return "malformed";
  return {
    kind: "datagram",
    ...answered(ip, udp.destinationPort, udp.sourcePort),
    payloadOffset: udp.payloadOffset,
    payloadEnd: udp.payloadEnd,
  };
}

function icmpReply(bytes: Uint8Array, ip: IpHeader): ReceivedReply | "malformed" | "irrelevant" {
  const icmp = readIcmp(bytes, ip.payloadOffset, ip.payloadEnd, ip.family);
  if (icmp === undefined) return "malformed";
  if (icmp.kind === "echo_reply") {
    return {
      kind: "echo_reply",
      ...answered(ip, icmp.identifier, 0),
      payloadOffset: icmp.payloadOffset,
      payloadEnd: ip.payloadEnd,
      sequence: icmp.sequence,
    };
  }
  if (icmp.kind !== "time_exceeded" && icmp.kind !== "unreachable") return "irrelevant";
  const quote = readQuote(bytes, icmp.quoteOffset, icmp.quoteEnd);
  if (quote === undefined) return "malformed";
  return {
    kind: "icmp_error",
    error: errorOf(icmp),
    family: quote.ip.family,
    protocol: quote.ip.protocol,
    localOffset: quote.ip.sourceOffset,
    remoteOffset: quote.ip.destinationOffset,
    localPort: quote.sourcePort,
    remotePort: quote.destinationPort,
    responderOffset: ip.sourceOffset,
    quote,
    quoteOffset: icmp.quoteOffset,
    quoteEnd: icmp.quoteEnd,
    messageEnd: ip.payloadEnd,
  };
}

function errorOf(
  icmp: Extract<IcmpMessage, { kind: "time_exceeded" | "unreachable" }>,
): "time_exceeded" | "port" | "prohibited" | "other" {
  return icmp.kind === "time_exceeded" ? "time_exceeded" : icmp.class;
}

/** The tuple of a packet that came back from the target itself: its source is our destination. */
function answered(ip: IpHeader, localPort: number, remotePort: number): ReplyTuple {
  return {
    family: ip.family,
    protocol: ip.protocol,
    localOffset: ip.destinationOffset,
    remoteOffset: ip.sourceOffset,
    localPort,
    remotePort,
  };
}
