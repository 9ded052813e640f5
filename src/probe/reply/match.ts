import { type Address, readAddress, sameAddress } from "../../packet/address.ts";
import { equalAt } from "../../packet/octets.ts";
import type { PayloadAnswer } from "../../packet/payload/payload.ts";
import type { FailureReason } from "../outcome.ts";
import { ttlOf } from "../probe-id.ts";
import type { ProbedFlow } from "../probed-flow.ts";
import { authenticatesQuote } from "./quote-authentication.ts";
import type { ReceivedReply } from "./reply.ts";

/** Why a received packet changed nothing (values of the `reason` label). */
export const IGNORE_REASONS = [
  "malformed",
  "bad_checksum",
  "irrelevant",
  "unknown_flow",
  "wrong_acknowledgement",
  "wrong_quote",
  "wrong_answer",
  "hop_without_address",
  "unmatched",
  "duplicate",
] as const;
export type IgnoreReason = (typeof IGNORE_REASONS)[number];

/** What an answer to a flow's packet says about the way there. */
export interface SweepAnswer {
  /** Which packet is answered, by its identification; undefined where the answer does not tell (a SYN-ACK). */
  readonly identification: number | undefined;
  /** Which packet is answered, by its timestamp option; undefined where the answer does not tell. */
  readonly timestamp: number | undefined;
  /**
   * `hop`: the TTL ran out at `responder`. `destination`: the target answered. `rejected`: `responder` refused to pass
   * the packet on.
   */
  readonly kind: "hop" | "destination" | "rejected";
  readonly responder: Address;
  /** The answer is an ICMP error of the destination, which hosts rate limit. */
  readonly rateLimited: boolean;
  /** TTL that the packet had when it ran out, where the answer quotes it: 1 as a rule, 0 behind a router that passed it on. */
  readonly quotedTtl?: number;
}

/** Whether an answer does not tell which packet it is for. */
export function isUntold({ identification, timestamp }: SweepAnswer): boolean {
  return identification === undefined && timestamp === undefined;
}

/** Whether the target answers a probe of the flow that was given up before another one was sent. */
export function answersGivenUp({ givenUp }: ProbedFlow, answer: SweepAnswer): boolean {
  if (givenUp === undefined || answer.kind !== "destination") return false;
  return answer.timestamp === givenUp.timestamp || answer.identification === givenUp.identification;
}

/** What a reply means for the flow it belongs to. */
export type Match =
  /** The end-to-end probe in flight, or the last one, got this result. */
  | { readonly what: "probe"; readonly result: ProbeResult }
  /** A TTL-limited packet of the flow was answered. */
  | { readonly what: "sweep"; readonly answer: SweepAnswer }
  | { readonly what: "ignored"; readonly reason: IgnoreReason };

/** `answered`, or why the probe failed and who said so. */
export type ProbeResult =
  | {
      readonly kind: "answered";
      readonly rateLimited: boolean;
      /** What the service said beside. */
      readonly said?: PayloadAnswer;
    }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly responder: Address;
      /** An ICMP error said so: an answer that comes in time wins (RFC 1122 section 4.2.3.9 calls these soft). */
      readonly soft: boolean;
    };

/** What nearly every packet comes to. */
const ANSWERED: Match = { what: "probe", result: { kind: "answered", rateLimited: false } };

/**
 * Decides which packet of a flow a reply answers, and whether it is genuine: whoever answers must have seen the keyed
 * sequence number (TCP) or the keyed payload's checksum (UDP, ICMP errors).
 * @param bytes the received packet
 */
export function matchReply(flow: ProbedFlow, reply: ReceivedReply, bytes: Uint8Array): Match {
  switch (reply.kind) {
    case "syn_ack":
    case "reset":
      return matchSegment(flow, reply);
    case "datagram":
      return matchDatagram(flow, reply, bytes);
    case "echo_reply":
      return matchEcho(flow, reply, bytes);
    case "icmp_error":
      return matchError(flow, reply, bytes);
  }
}

function ignored(reason: IgnoreReason): Match {
  return { what: "ignored", reason };
}

function matchSegment(
  flow: ProbedFlow,
  reply: Extract<ReceivedReply, { kind: "syn_ack" | "reset" }>,
): Match {
  const offset = (reply.acknowledgement - flow.sequence) >>> 0;
  // A reset may acknowledge the sequence number itself: some stacks do not count the SYN.
  if (offset !== 1 && !(offset === 0 && reply.kind === "reset")) {
    return ignored("wrong_acknowledgement");
  }
  // Some servers echo 0, which says nothing; Linux takes it for no echo too. No probe's own timestamp is 0.
  const echo = reply.timestampEcho === 0 ? undefined : reply.timestampEcho;
  // Without a timestamp the answer goes to the probe in flight, and to a sweep only where none is.
  if (echo === flow.timestamp || (echo === undefined && flow.inFlight)) {
    if (reply.kind === "syn_ack") return ANSWERED;
    const responder = flow.target.target.address;
    const refused = { kind: "failed", reason: "refused", responder, soft: false } as const;
    return { what: "probe", result: refused };
  }
  return {
    what: "sweep",
    answer: {
      identification: undefined,
      timestamp: echo,
      kind: "destination",
      responder: flow.target.target.address,
      rateLimited: false,
    },
  };
}

function matchDatagram(
  flow: ProbedFlow,
  reply: Extract<ReceivedReply, { kind: "datagram" }>,
  bytes: Uint8Array,
): Match {
  const said = flow.packet.payload?.read(bytes, reply.payloadOffset, reply.payloadEnd);
  if (said === undefined) return ignored("wrong_answer");
  const { identification } = said;
  // A service that does not say which packet it answers is taken to answer the probe, a sweep only where none is under way.
  const isProbe =
    identification === undefined ? flow.inFlight : identification === flow.identification;
  return isProbe
    ? { what: "probe", result: { kind: "answered", rateLimited: false, said } }
    : answeredSweep(flow, identification);
}

function matchEcho(
  flow: ProbedFlow,
  reply: Extract<ReceivedReply, { kind: "echo_reply" }>,
  bytes: Uint8Array,
): Match {
  const { key } = flow.packet;
  const { payloadOffset, payloadEnd, sequence } = reply;
  const echoed =
    key !== undefined &&
    payloadEnd - payloadOffset >= key.length &&
    equalAt(bytes, payloadOffset, key);
  if (!echoed) return ignored("wrong_quote");
  if (sequence !== flow.identification) return answeredSweep(flow, sequence);
  return { what: "probe", result: { kind: "answered", rateLimited: false } };
}

/** The target itself answered a packet of a sweep. */
function answeredSweep(flow: ProbedFlow, identification: number | undefined): Match {
  const responder = flow.target.target.address;
  const answer = { identification, timestamp: undefined, responder, rateLimited: false };
  return { what: "sweep", answer: { ...answer, kind: "destination" } };
}

function matchError(
  flow: ProbedFlow,
  reply: Extract<ReceivedReply, { kind: "icmp_error" }>,
  bytes: Uint8Array,
): Match {
  const { quote } = reply;
  const { target } = flow.target;
  const seen = authenticatesQuote(flow, quote, bytes);
  // A firewall that chooses sequence numbers anew leaves the timestamp alone, which nobody off the path knows either.
  if (!seen && quote.timestamp === undefined) return ignored("wrong_quote");
  const responder = readAddress(bytes, reply.responderOffset, reply.family);
  const fromTarget = isTarget(flow, reply, bytes);
  const { identification, timestamp = seen ? undefined : quote.timestamp } = flow.identityIn(
    quote,
    bytes,
  );
  if (target.protocol === "icmp" && quote.sequence !== identification) {
    return ignored("wrong_quote");
  }
  if (isEndToEnd(flow, identification, timestamp, reply.error)) {
    if (identification !== undefined && identification !== flow.identification) {
      return ignored("unmatched");
    }
    if (!seen && timestamp !== flow.timestamp) return ignored("wrong_quote");
    return {
      what: "probe",
      result: errorResult(reply.error, fromTarget, target, responder),
    };
  }
  // A hop limit never runs out at the destination. A gateway that answers under the target's address, as a NAT64 may, tells
  // no address of its own; it is a silent hop, or links would seem to begin at the target.
  if (reply.error === "time_exceeded" && fromTarget) return ignored("hop_without_address");
  const kind = reply.error === "time_exceeded" ? "hop" : fromTarget ? "destination" : "rejected";
  const rateLimited = kind === "destination";
  return {
    what: "sweep",
    answer: {
      identification,
      timestamp,
      kind,
      responder,
      rateLimited,
      quotedTtl: quote.ip.hopLimit,
    },
  };
}

/** Whether an ICMP error is about the end-to-end probe in flight, or an earlier one. */
function isEndToEnd(
  flow: ProbedFlow,
  identification: number | undefined,
  timestamp: number | undefined,
  error: Extract<ReceivedReply, { kind: "icmp_error" }>["error"],
): boolean {
  if (identification !== undefined) return ttlOf(identification) === 0;
  if (timestamp !== undefined) return timestamp === flow.timestamp;
  // A quote that was cut short does not tell. A hop limit that ran out is a sweep's by all odds, since a probe loses
  // all of its own in a loop only; a refusal concerns whatever is under way.
  return error !== "time_exceeded" && flow.inFlight;
}

/**
 * Whether the target itself reports, under the address that was asked or another of its own, or whoever its address was
 * translated to on the way. That an address is its own shows where it says "port unreachable" of a packet whose hop limit
 * was used up: a router, which does not get the packet as its own, would say "time exceeded", unless a firewall there refuses everything,
 * and then it says so of those whose hop limit runs out there; or the configuration says so (`accept_from`).
 */
function isTarget(
  { target }: ProbedFlow,
  { error, quote, responderOffset, family }: Extract<ReceivedReply, { kind: "icmp_error" }>,
  bytes: Uint8Array,
): boolean {
  const responder = readAddress(bytes, responderOffset, family);
  return (
    responder.text === target.target.address.text ||
    sameAddress(responder, bytes, quote.ip.destinationOffset) ||
    (error === "port" &&
      ((quote.ip.hopLimit <= 1 && !target.ownAddresses.isRouter(responder.text)) ||
        target.ownAddresses.has(responder.text) ||
        target.acceptFrom?.holds(responder.text) === true))
  );
}

/** What an ICMP error means for an end-to-end probe (RFC 1122 3.2.2.1, RFC 1812 5.2.7.1). */
function errorResult(
  error: "time_exceeded" | "port" | "prohibited" | "other",
  fromTarget: boolean,
  { protocol, payload }: ProbedFlow["target"]["target"],
  responder: Address,
): ProbeResult {
  const failed = (reason: FailureReason): ProbeResult => {
    return { kind: "failed", reason, responder, soft: true };
  };
  if (error === "time_exceeded") return failed("ttl_exceeded");
  if (error === "prohibited") return failed("prohibited");
  if (error === "port" && fromTarget) {
    return protocol === "udp" && payload === undefined
      ? { kind: "answered", rateLimited: true }
      : failed("refused");
  }
  return failed("unreachable");
}
