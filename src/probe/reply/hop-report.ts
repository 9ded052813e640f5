import { type Address, readAddress, sameAddress } from "../../packet/address.ts";
import { extensionObjects } from "../../packet/icmp-extensions.ts";
import { type InterfaceInfo, readInterfaces } from "../../packet/interface-info.ts";
import { type MplsEntry, readMplsStack } from "../../packet/mpls.ts";
import type { ProbedFlow } from "../probed-flow.ts";
import { proofOf, quotedProof } from "./quote-authentication.ts";
import type { ReceivedReply } from "./reply.ts";

/** How a quoted packet differs from the one that was sent: what a NAT on the way made of it. */
export interface Translation {
  /** The address and port that stand in the place of ours; undefined where ours are there. */
  readonly source: { readonly address: Address; readonly port: number } | undefined;
  /** Likewise for the target's. */
  readonly destination: { readonly address: Address; readonly port: number } | undefined;
}

/** What an ICMP error shows of the way to whoever sent it, beside that it got there. */
export interface HopReport {
  readonly responder: Address;
  /** TTL or hop limit that the packet was sent with; 0 for an end-to-end probe. */
  readonly ttl: number;
  /** TTL that it arrived with: 1, or 0 from a router that counts first. More says that the TTL was rewritten. */
  readonly quotedTtl: number;
  /** Differentiated services code point that it arrived with, 0 to 63. */
  readonly dscp: number;
  /** Undefined where addresses and ports are as they were sent. */
  readonly translation: Translation | undefined;
  /** The MPLS label stack that it arrived with, outermost label first; empty for none. */
  readonly mpls: readonly MplsEntry[];
  /** The interfaces that the responder names (RFC 5837); empty for none. */
  readonly interfaces: readonly InterfaceInfo[];
}

/**
 * Reads the report out of an ICMP error that was matched to the flow.
 * @param bytes the received packet
 * @param ttl that of the packet which the error is about; 0 for an end-to-end probe
 */
export function hopReport(
  flow: ProbedFlow,
  reply: Extract<ReceivedReply, { kind: "icmp_error" }>,
  bytes: Uint8Array,
  ttl: number,
): HopReport {
  const { quote, family, responderOffset, quoteOffset, quoteEnd, messageEnd } = reply;
  const objects = extensionObjects(bytes, { family, quoteOffset, quoteEnd, end: messageEnd });
  return {
    responder: readAddress(bytes, responderOffset, family),
    ttl,
    quotedTtl: quote.ip.hopLimit,
    dscp: quote.ip.trafficClass >>> 2,
    translation: translationOf(flow, reply, bytes),
    mpls: readMplsStack(bytes, objects),
    interfaces: readInterfaces(bytes, objects),
  };
}

function translationOf(
  flow: ProbedFlow,
  { quote }: Extract<ReceivedReply, { kind: "icmp_error" }>,
  bytes: Uint8Array,
): Translation | undefined {
  const { source, address, port } = flow.target.target;
  const { sourceOffset, destinationOffset, family } = quote.ip;
  const end = (
    sent: Address,
    sentPort: number,
    offset: number,
    quotedPort: number,
  ): Translation["source"] =>
    sameAddress(sent, bytes, offset) && sentPort === quotedPort
      ? undefined
      : { address: readAddress(bytes, offset, family), port: quotedPort };
  const translation = {
    source: end(source, flow.sourcePort, sourceOffset, quote.sourcePort),
    destination: end(address, port, destinationOffset, quote.destinationPort),
  };
  // A NAT that put addresses and ports back may have left the checksum of what it had made of them.
  const restored = quotedProof(quote, bytes) !== proofOf(flow);
  const changed = translation.source !== undefined || translation.destination !== undefined;
  return changed || restored ? translation : undefined;
}
