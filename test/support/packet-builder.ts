/*
 * Builds packets byte by byte, as the drawings in the RFCs show them. It shares no code with src/packet, so that the
 * two can be held against each other; it is written to be read, not to be fast.
 *
 * Addresses are text and decide the family: all of a packet's must be of one.
 */

/** What every packet may say about its IP header. */
export interface IpOptions {
  from: string;
  to: string;
  /** TTL or hop limit; 64 if absent. */
  ttl?: number;
  /** DSCP and ECN, 8 bits. */
  trafficClass?: number;
  /** IPv4 identification. */
  id?: number;
  /** IPv4 fragment offset in units of 8 bytes. */
  fragmentOffset?: number;
  /** IPv4 "more fragments" flag. */
  moreFragments?: boolean;
  /** IPv4 options, a multiple of 4 bytes. */
  ipOptions?: readonly number[];
  /** IPv6 flow label. */
  flowLabel?: number;
  /** IPv6 extension headers in order; each body begins behind its "next header" byte. */
  extensions?: readonly { type: number; body: readonly number[] }[];
}

export type TcpFlag = "fin" | "syn" | "rst" | "psh" | "ack";

export interface TcpOptions extends IpOptions {
  sourcePort: number;
  destinationPort: number;
  sequence?: number;
  acknowledgement?: number;
  flags?: readonly TcpFlag[];
  window?: number;
  /** Raw options, a multiple of 4 bytes; {@link timestamps} makes the usual ones. */
  options?: readonly number[];
  payload?: Uint8Array;
}

export interface UdpOptions extends IpOptions {
  sourcePort: number;
  destinationPort: number;
  payload?: Uint8Array;
}

export interface EchoOptions extends IpOptions {
  identifier: number;
  sequence: number;
  payload?: Uint8Array;
}

export interface IcmpErrorOptions extends IpOptions {
  code?: number;
  /** The packet that caused the error, from its IP header on. */
  quoted: Uint8Array;
  /** How many bytes of it come back, IP header included; all if absent. 28 is what RFC 792 asks for. */
  quoteBytes?: number | undefined;
  /**
   * RFC 4884 extension. The quote is then padded with zeros to at least 128 bytes and its length is announced.
   */
  extension?: readonly number[] | undefined;
}

/** A whole packet around any payload. */
export function ipPacket(
  options: IpOptions & { protocol: number; payload: readonly number[] },
): Uint8Array {
  return Uint8Array.from(isIpv4(options.from) ? ipv4(options) : ipv6(options));
}

export function tcpPacket(options: TcpOptions): Uint8Array {
  const { flags = [], payload = new Uint8Array(0) } = options;
  const tcpOptions = options.options ?? [];
  const header = [
    ...u16(options.sourcePort),
    ...u16(options.destinationPort),
    ...u32(options.sequence ?? 0),
    ...u32(options.acknowledgement ?? 0),
    ((20 + tcpOptions.length) / 4) * 16,
    flags.map((flag) => FLAG_BITS[flag]).reduce((all, bit) => all + bit, 0),
    ...u16(options.window ?? 65535),
    ...CHECKSUM_PLACE,
    ...u16(0),
    ...tcpOptions,
  ];
  const payloadBytes = [...header, ...payload];
  return ipPacket({
    ...options,
    protocol: 6,
    payload: withChecksum(payloadBytes, 16, pseudoHeader(options, 6, payloadBytes.length)),
  });
}

/** TCP timestamps option (RFC 7323) behind two no-operations, as most stacks send it. */
export function timestamps(value: number, echo: number): number[] {
  return [1, 1, 8, 10, ...u32(value), ...u32(echo)];
}

export function udpPacket(options: UdpOptions): Uint8Array {
  const payload = options.payload ?? new Uint8Array(0);
  const datagram = [
    ...u16(options.sourcePort),
    ...u16(options.destinationPort),
    ...u16(8 + payload.length),
    ...CHECKSUM_PLACE,
    ...payload,
  ];
  const summed = withChecksum(datagram, 6, pseudoHeader(options, 17, datagram.length));
  if (summed[6] === 0 && summed[7] === 0) summed.splice(6, 2, 0xff, 0xff);
  return ipPacket({ ...options, protocol: 17, payload: summed });
}

export function echoRequest(options: EchoOptions): Uint8Array {
  return echo(options, isIpv4(options.from) ? 8 : 128);
}

export function echoReply(options: EchoOptions): Uint8Array {
  return echo(options, isIpv4(options.from) ? 0 : 129);
}

/** "Time exceeded" of a router `from` to the prober `to`; code 0 (in transit) if absent. */
export function timeExceeded(options: IcmpErrorOptions): Uint8Array {
  return icmpError(options, isIpv4(options.from) ? 11 : 3, 0);
}

/** "Destination unreachable"; code "port unreachable" (IPv4 3, IPv6 4) if absent. */
export function unreachable(options: IcmpErrorOptions): Uint8Array {
  return isIpv4(options.from) ? icmpError(options, 3, 3) : icmpError(options, 1, 4);
}

/** Any ICMP or ICMPv6 message: `rest` is everything behind the checksum. */
export function icmpPacket(
  options: IpOptions & { type: number; code?: number; rest: readonly number[] },
): Uint8Array {
  const message = [options.type, options.code ?? 0, ...CHECKSUM_PLACE, ...options.rest];
  const v4 = isIpv4(options.from);
  const pseudo = v4 ? [] : pseudoHeader(options, 58, message.length);
  return ipPacket({
    ...options,
    protocol: v4 ? 1 : 58,
    payload: withChecksum(message, 2, pseudo),
  });
}

/** The Internet checksum as RFC 1071 section 4.1 puts it: add 16-bit words with end-around carry, complement. */
export function textbookChecksum(bytes: readonly number[]): number {
  const even = bytes.length % 2 === 0 ? bytes : [...bytes, 0];
  let sum = 0;
  for (let i = 0; i < even.length; i += 2) {
    sum += byteAt(even, i) * 256 + byteAt(even, i + 1);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(text: string): number[] {
  if (isIpv4(text)) return text.split(".").map(Number);
  // The URL parser knows every spelling and gives back hexadecimal groups with at most one "::".
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [left = [], right = []] = canonical
    .split("::")
    .map((side) => side.split(":").filter((group) => group !== ""));
  const zeros = new Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].flatMap((group) => u16(Number.parseInt(group, 16)));
}

export function u16(value: number): number[] {
  return [Math.floor(value / 256) % 256, value % 256];
}

export function u32(value: number): number[] {
  return [...u16(Math.floor(value / 65536)), ...u16(value % 65536)];
}

const FLAG_BITS: Record<TcpFlag, number> = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 };

/** Zero while the checksum is being computed. */
const CHECKSUM_PLACE = [0, 0] as const;

function isIpv4(address: string): boolean {
  return !address.includes(":");
}

function ipv4(options: IpOptions & { protocol: number; payload: readonly number[] }): number[] {
  const ipOptions = options.ipOptions ?? [];
  const headerLength = 20 + ipOptions.length;
  const fragmented = options.moreFragments === true || options.fragmentOffset !== undefined;
  const flags = (fragmented ? 0 : 2) + (options.moreFragments === true ? 1 : 0);
  const header = [
    4 * 16 + headerLength / 4,
    options.trafficClass ?? 0,
    ...u16(headerLength + options.payload.length),
    ...u16(options.id ?? 0),
    ...u16(flags * 8192 + (options.fragmentOffset ?? 0)),
    options.ttl ?? 64,
    options.protocol,
    ...CHECKSUM_PLACE,
    ...addressBytes(options.from),
    ...addressBytes(options.to),
    ...ipOptions,
  ];
  return [...withChecksum(header, 10, []), ...options.payload];
}

function ipv6(options: IpOptions & { protocol: number; payload: readonly number[] }): number[] {
  const extensions = options.extensions ?? [];
  const types = [...extensions.map(({ type }) => type), options.protocol];
  const chain = extensions.flatMap(({ body }, i) => [byteAt(types, i + 1), ...body]);
  return [
    ...u32(6 * 2 ** 28 + (options.trafficClass ?? 0) * 2 ** 20 + (options.flowLabel ?? 0)),
    ...u16(chain.length + options.payload.length),
    byteAt(types, 0),
    options.ttl ?? 64,
    ...addressBytes(options.from),
    ...addressBytes(options.to),
    ...chain,
    ...options.payload,
  ];
}

function pseudoHeader({ from, to }: IpOptions, protocol: number, length: number): number[] {
  return isIpv4(from)
    ? [...addressBytes(from), ...addressBytes(to), 0, protocol, ...u16(length)]
    : [...addressBytes(from), ...addressBytes(to), ...u32(length), 0, 0, 0, protocol];
}

/** `message` with the checksum over `pseudo` and itself at `place`. */
function withChecksum(
  message: readonly number[],
  place: number,
  pseudo: readonly number[],
): number[] {
  const checksum = textbookChecksum([...pseudo, ...message]);
  return [...message.slice(0, place), ...u16(checksum), ...message.slice(place + 2)];
}

function echo(options: EchoOptions, type: number): Uint8Array {
  const { identifier, sequence, payload = new Uint8Array(0) } = options;
  return icmpPacket({ ...options, type, rest: [...u16(identifier), ...u16(sequence), ...payload] });
}

function icmpError(options: IcmpErrorOptions, type: number, usualCode: number): Uint8Array {
  const quote = [...options.quoted].slice(0, options.quoteBytes);
  const code = options.code ?? usualCode;
  if (options.extension === undefined) {
    return icmpPacket({ ...options, type, code, rest: [...u32(0), ...quote] });
  }
  const unit = isIpv4(options.from) ? 4 : 8;
  const padded = Math.max(128, Math.ceil(quote.length / unit) * unit);
  const padding = new Array<number>(padded - quote.length).fill(0);
  const announced = padded / unit;
  const second = isIpv4(options.from) ? [0, announced, 0, 0] : [announced, 0, 0, 0];
  return icmpPacket({
    ...options,
    type,
    code,
    rest: [...second, ...quote, ...padding, ...options.extension],
  });
}

function byteAt(bytes: readonly number[], index: number): number {
  const value = bytes[index];
  if (value === undefined) throw new RangeError(`no byte ${index} in ${bytes.length}`);
  return value;
}
