import { type Address, type Family, readAddress } from "../packet/address.ts";
import {
  ASK,
  ASK_ALL,
  type Attribute,
  decodeAttributes,
  encodeMessage,
  type NetlinkMessage,
  nativeUint32,
  readNativeUint16,
  readNativeUint32,
} from "./netlink-message.ts";
import { AF_INET, AF_INET6 } from "./socket-address.ts";

// Numbers of rtnetlink(7): linux/rtnetlink.h, linux/fib_rules.h, linux/neighbour.h, linux/if_link.h.
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const RTM_NEWRULE = 32;
const RTM_GETRULE = 34;
/** Answer with the route as it stands in its table, all of its next hops included. */
const RTM_F_FIB_MATCH = 0x2000;
/** struct rtmsg, fib_rule_hdr and ndmsg have 12 bytes, struct ifinfomsg 16. */
const ROUTE_BODY = 12;
const LINK_BODY = 16;
const RTN_LOCAL = 2;
const RTA = {
  destination: 1,
  source: 2,
  device: 4,
  gateway: 5,
  preferredSource: 7,
  multipath: 9,
  via: 18,
  encapsulation: 22,
  protocol: 27,
  sourcePort: 28,
  destinationPort: 29,
  nextHop: 30,
} as const;
/** FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE: what a rule looks at that packets of raw sockets do not show it. */
const RULE_LOOKS_AT = [22, 23, 24] as const;
const NDA_DESTINATION = 1;
const NDA_LINK_ADDRESS = 2;
/** NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT: states in which a neighbour's link address is known. */
const LINK_ADDRESS_KNOWN = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;
/** What struct sockaddr_ll has room for. */
const LONGEST_LINK_ADDRESS = 8;
const IFLA_NAME = 3;
const IFF_NOARP = 0x80;

/** What a route is asked for by. */
export interface RouteQuestion {
  /** Undefined where the kernel is to choose. */
  readonly source: Address | undefined;
  readonly destination: Address;
  /** IP protocol: TCP, UDP or ICMP of the family, the only ones that the kernel answers for. */
  readonly protocol: number;
  /** 0 for none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Index of the interface to leave by; 0 for any. */
  readonly device: number;
}

/** The way that packets leave this host by. */
export interface NextHop {
  /** Index of the interface. */
  readonly device: number;
  /** Undefined where the destination is on the link itself. */
  readonly gateway: Address | undefined;
  /** The source address that the kernel chooses, where it was asked for none. */
  readonly source?: Address | undefined;
  /** The destination is this host. */
  readonly local: boolean;
  /** The route puts packets into others (MPLS, SRv6, …). */
  readonly encapsulated: boolean;
}

/** Asks for the route of one flow. @param whole for the route as it stands in its table, see {@link countNextHops} */
export function routeQuestion(question: RouteQuestion, whole = false): Buffer {
  const { source, destination, protocol, sourcePort, destinationPort, device } = question;
  const body = Buffer.alloc(ROUTE_BODY);
  body[0] = domainOf(destination.family);
  body[1] = destination.bytes.length * 8;
  if (source !== undefined) body[2] = source.bytes.length * 8;
  body.set(nativeUint32(whole ? RTM_F_FIB_MATCH : 0), 8);
  const attributes: Attribute[] = [
    [RTA.destination, destination.bytes],
    [RTA.protocol, Uint8Array.of(protocol)],
  ];
  if (source !== undefined) attributes.splice(1, 0, [RTA.source, source.bytes]);
  if (sourcePort !== 0) attributes.push([RTA.sourcePort, portBytes(sourcePort)]);
  if (destinationPort !== 0) attributes.push([RTA.destinationPort, portBytes(destinationPort)]);
  if (device !== 0) attributes.push([RTA.device, nativeUint32(device)]);
  return encodeMessage(RTM_GETROUTE, ASK, body, attributes);
}

/** Reads the answer to {@link routeQuestion}: the way, or the errno that a connection would get; 0 where there is neither. */
export function readNextHop(messages: readonly NetlinkMessage[]): NextHop | number {
  const [message] = messages;
  if (message?.type !== RTM_NEWROUTE) return message?.error ?? 0;
  const { body } = message;
  const attributes = decodeAttributes(body, ROUTE_BODY);
  const device = attributes.get(RTA.device);
  if (device === undefined) return 0;
  return {
    device: readNativeUint32(device),
    gateway: addressIn(attributes.get(RTA.gateway)) ?? viaIn(attributes.get(RTA.via)),
    source: addressIn(attributes.get(RTA.preferredSource)),
    local: body[7] === RTN_LOCAL,
    encapsulated: attributes.has(RTA.encapsulation),
  };
}

/** How many next hops a route that was asked for as a whole has; 2 where it names a group alone. */
export function countNextHops(messages: readonly NetlinkMessage[]): number {
  const [message] = messages;
  if (message?.type !== RTM_NEWROUTE) return 0;
  const attributes = decodeAttributes(message.body, ROUTE_BODY);
  const several = attributes.get(RTA.multipath);
  // struct rtnexthop: each begins with its length.
  let count = 0;
  for (let at = 0; several !== undefined && at < several.length; count += 1) {
    const length = readNativeUint16(several, at);
    if (length === 0) break;
    at += (length + 3) & ~3;
  }
  if (count > 0) return count;
  return attributes.has(RTA.nextHop) && !attributes.has(RTA.device) ? 2 : 1;
}

/** Asks for all routing rules of a family. */
export function rulesQuestion(family: Family): Buffer {
  const body = Buffer.alloc(ROUTE_BODY);
  body[0] = domainOf(family);
  return encodeMessage(RTM_GETRULE, ASK_ALL, body, []);
}

/** Whether a rule among them looks at protocol or ports. */
export function lookAtPorts(messages: readonly NetlinkMessage[]): boolean {
  return messages.some(({ type, body }) => {
    if (type !== RTM_NEWRULE) return false;
    const attributes = decodeAttributes(body, ROUTE_BODY);
    return RULE_LOOKS_AT.some((kind) => attributes.has(kind));
  });
}

/** Asks for the link address of a neighbour. */
export function neighbourQuestion(device: number, { family, bytes }: Address): Buffer {
  const body = Buffer.alloc(ROUTE_BODY);
  body[0] = domainOf(family);
  body.set(nativeUint32(device), 4);
  return encodeMessage(RTM_GETNEIGH, ASK, body, [[NDA_DESTINATION, bytes]]);
}

/** The link address of a neighbour; undefined where it is not known. */
export function readLinkAddress(messages: readonly NetlinkMessage[]): Uint8Array | undefined {
  const [message] = messages;
  if (message?.type !== RTM_NEWNEIGH) return undefined;
  const state = readNativeUint16(message.body, 8);
  if ((state & LINK_ADDRESS_KNOWN) === 0) return undefined;
  const address = decodeAttributes(message.body, ROUTE_BODY).get(NDA_LINK_ADDRESS);
  return address && Uint8Array.from(address.subarray(0, LONGEST_LINK_ADDRESS));
}

/** Asks for what is known of an interface. */
export function linkQuestion(device: number): Buffer {
  const body = Buffer.alloc(LINK_BODY);
  body.set(nativeUint32(device), 4);
  return encodeMessage(RTM_GETLINK, ASK, body, []);
}

/** What is known of an interface. */
export interface Link {
  readonly name: string;
  /** Its packets carry link addresses, so that a neighbour's has to be found out. */
  readonly hasAddresses: boolean;
}

/** Reads the answer to {@link linkQuestion}; undefined where there is no interface of this index. */
export function readLink(messages: readonly NetlinkMessage[]): Link | undefined {
  const [message] = messages;
  if (message?.type !== RTM_NEWLINK) return undefined;
  const name = decodeAttributes(message.body, LINK_BODY).get(IFLA_NAME);
  return {
    name: Buffer.from(name ?? [])
      .toString("latin1")
      .replace(/\0+$/, ""),
    hasAddresses: (readNativeUint32(message.body, 8) & IFF_NOARP) === 0,
  };
}

function domainOf(family: Family): number {
  return family === 4 ? AF_INET : AF_INET6;
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >>> 8, port);
}

function addressIn(bytes: Uint8Array | undefined): Address | undefined {
  if (bytes === undefined || (bytes.length !== 4 && bytes.length !== 16)) return undefined;
  return readAddress(bytes, 0, bytes.length === 4 ? 4 : 6);
}

/** struct rtvia: a family and a gateway of another family than the route's. */
function viaIn(bytes: Uint8Array | undefined): Address | undefined {
  return addressIn(bytes?.subarray(2));
}
