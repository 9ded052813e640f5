import { type Address, readAddress } from "./address.ts";
import type { ExtensionObject } from "./icmp-extensions.ts";
import { readUint8, readUint16, readUint32 } from "./octets.ts";

/** What an interface was to the packet that an ICMP error is about (RFC 5837 section 4.1). */
export const INTERFACE_ROLES = ["incoming", "sub_ip", "outgoing", "next_hop"] as const;
export type InterfaceRole = (typeof INTERFACE_ROLES)[number];

/** What a router says of one of its interfaces; of a `next_hop` the address is the next router's. */
export interface InterfaceInfo {
  readonly role: InterfaceRole;
  /** `ifIndex` (RFC 2863). */
  readonly index: number | undefined;
  readonly address: Address | undefined;
  /** `ifName` as a rule, at most 63 bytes of UTF-8; characters that cannot be printed are replaced. */
  readonly name: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
}

/** Interface Information Object (RFC 5837 section 4). */
const INTERFACE_CLASS = 2;
const [HAS_INDEX, HAS_ADDRESS, HAS_NAME, HAS_MTU] = [0x08, 0x04, 0x02, 0x01];
const INDEX_LENGTH = 4;
const MTU_LENGTH = 4;
/** Address family number and reserved bytes before the address (section 4.2). */
const ADDRESS_HEADER = 4;
const FAMILIES: ReadonlyMap<number, 4 | 6> = new Map([
  [1, 4],
  [2, 6],
]);
const ADDRESS_LENGTH = { 4: 4, 6: 16 } as const;
/** With its length byte; a multiple of four (section 4.3). */
const MOST_NAME = 64;
/** A router reports an interface for each role. */
const MOST_OBJECTS = 4;

/**
 * The interfaces that a router names in the extension objects of an ICMP error (RFC 5837). One that is malformed is left
 * out: it does not spoil what stands beside it, since objects are told apart by their own lengths.
 */
export function readInterfaces(
  bytes: Uint8Array,
  objects: readonly ExtensionObject[],
): readonly InterfaceInfo[] {
  return objects
    .filter(({ classNumber }) => classNumber === INTERFACE_CLASS)
    .slice(0, MOST_OBJECTS)
    .flatMap((object) => readInterface(bytes, object) ?? []);
}

function readInterface(
  bytes: Uint8Array,
  { type, from, end }: ExtensionObject,
): InterfaceInfo | undefined {
  const role = INTERFACE_ROLES[type >>> 6];
  if (role === undefined) return undefined;
  let at = from;
  let index: number | undefined;
  let address: Address | undefined;
  let name: string | undefined;
  let mtu: number | undefined;
  if ((type & HAS_INDEX) !== 0) {
    if (end - at < INDEX_LENGTH) return undefined;
    index = readUint32(bytes, at);
    at += INDEX_LENGTH;
  }
  if ((type & HAS_ADDRESS) !== 0) {
    const family = end - at < ADDRESS_HEADER ? undefined : FAMILIES.get(readUint16(bytes, at));
    if (family === undefined || end - at < ADDRESS_HEADER + ADDRESS_LENGTH[family])
      return undefined;
    address = readAddress(bytes, at + ADDRESS_HEADER, family);
    at += ADDRESS_HEADER + ADDRESS_LENGTH[family];
  }
  if ((type & HAS_NAME) !== 0) {
    const length = at < end ? readUint8(bytes, at) : 0;
    if (length < 4 || length % 4 !== 0 || length > MOST_NAME || at + length > end) return undefined;
    name = printable(bytes.subarray(at + 1, at + length));
    at += length;
  }
  if ((type & HAS_MTU) !== 0) {
    if (end - at < MTU_LENGTH) return undefined;
    mtu = readUint32(bytes, at);
  }
  return { role, index, address, name: name === "" ? undefined : name, mtu };
}

/** Text without the zeros behind it; what could harm a terminal or a page is replaced. */
function printable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes).replace(/\0+$/, "");
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd").trim();
}
