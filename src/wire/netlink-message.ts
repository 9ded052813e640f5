/*
 * Messages of netlink(7): a header, a body of the message's own kind, attributes. Numbers in headers, lengths and indexes are in
 * this machine's byte order, addresses and ports in the network's. Everything is padded to four bytes.
 *
 *     nlmsghdr  0 length │ 4 type │ 6 flags │ 8 sequence │ 12 port      nlattr  0 length │ 2 type │ 4 value
 */
const HEADER = 16;
const ATTRIBUTE_HEADER = 4;
/** linux/netlink.h: an error or an acknowledgement (error 0), the end of a listing. */
const NLMSG_ERROR = 2;
/** Bits of an attribute's type that are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER). */
const TYPE_MASK = 0x3fff;

/** Flags of a request for one thing (linux/netlink.h): NLM_F_REQUEST. */
export const ASK = 0x1;
/** Flags of a request for all there is: NLM_F_REQUEST | NLM_F_DUMP. */
export const ASK_ALL = 0x301;
/** Type of the message that ends a listing (NLMSG_DONE). */
export const LISTING_ENDS = 3;

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** An attribute: its type and value. */
export type Attribute = readonly [type: number, value: Uint8Array];

/** One message as it was received. */
export interface NetlinkMessage {
  readonly type: number;
  /** What follows the header, attributes included. */
  readonly body: Uint8Array;
  /** Of an error its errno, positive; 0 in other messages. */
  readonly error: number;
}

/** Writes one message. @param body of the message's own kind, a multiple of four bytes */
export function encodeMessage(
  type: number,
  flags: number,
  body: Uint8Array,
  attributes: readonly Attribute[],
): Buffer {
  const sizes = attributes.map(([, value]) => padded(ATTRIBUTE_HEADER + value.length));
  const length = sizes.reduce((sum, size) => sum + size, HEADER + body.length);
  const message = Buffer.alloc(length);
  const view = viewOf(message);
  view.setUint32(0, length, LITTLE_ENDIAN);
  view.setUint16(4, type, LITTLE_ENDIAN);
  view.setUint16(6, flags, LITTLE_ENDIAN);
  message.set(body, HEADER);
  let at = HEADER + body.length;
  attributes.forEach(([kind, value], index) => {
    view.setUint16(at, ATTRIBUTE_HEADER + value.length, LITTLE_ENDIAN);
    view.setUint16(at + 2, kind, LITTLE_ENDIAN);
    message.set(value, at + ATTRIBUTE_HEADER);
    at += sizes[index] ?? 0;
  });
  return message;
}

/** Reads the messages of one datagram; what is cut off is left out. */
export function decodeMessages(bytes: Uint8Array): NetlinkMessage[] {
  const view = viewOf(bytes);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = view.getUint32(at, LITTLE_ENDIAN);
    if (length < HEADER || at + length > bytes.length) break;
    const type = view.getUint16(at + 4, LITTLE_ENDIAN);
    const body = bytes.subarray(at + HEADER, at + length);
    const isError = type === NLMSG_ERROR && body.length >= 4;
    const error = isError ? -view.getInt32(at + HEADER, LITTLE_ENDIAN) : 0;
    messages.push({ type, body, error });
    at += padded(length);
  }
  return messages;
}

/** Reads attributes from `offset` on, by type; of several of one type the last. */
export function decodeAttributes(bytes: Uint8Array, offset: number): Map<number, Uint8Array> {
  const view = viewOf(bytes);
  const attributes = new Map<number, Uint8Array>();
  for (let at = offset; at + ATTRIBUTE_HEADER <= bytes.length; ) {
    const length = view.getUint16(at, LITTLE_ENDIAN);
    if (length < ATTRIBUTE_HEADER || at + length > bytes.length) break;
    const type = view.getUint16(at + 2, LITTLE_ENDIAN) & TYPE_MASK;
    attributes.set(type, bytes.subarray(at + ATTRIBUTE_HEADER, at + length));
    at += padded(length);
  }
  return attributes;
}

/** The four bytes of a number in this machine's byte order. */
export function nativeUint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** A number of four bytes in this machine's byte order at `offset`; 0 where the array ends before. */
export function readNativeUint32(bytes: Uint8Array, offset = 0): number {
  return offset + 4 <= bytes.length ? viewOf(bytes).getUint32(offset, LITTLE_ENDIAN) : 0;
}

/** A number of two bytes in this machine's byte order at `offset`; 0 where the array ends before. */
export function readNativeUint16(bytes: Uint8Array, offset = 0): number {
  return offset + 2 <= bytes.length ? viewOf(bytes).getUint16(offset, LITTLE_ENDIAN) : 0;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
