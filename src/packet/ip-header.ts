import type { Address, Family } from "./address.ts";

/** What an IP header says, for both versions. Offsets are positions in the array that was read. */
export interface IpHeader {
  readonly family: Family;
  /** Upper-layer protocol; in IPv6 the one after the extension headers. */
  readonly protocol: number;
  readonly sourceOffset: number;
  readonly destinationOffset: number;
  /** First byte after the header, its options and extension headers. */
  readonly payloadOffset: number;
  /** Where the payload ends: the received end, or earlier where the length field says so. */
  readonly payloadEnd: number;
  /** TTL or hop limit, 0 to 255. */
  readonly hopLimit: number;
  /** IPv4 identification; 0 in IPv6. */
  readonly id: number;
  /** Position of this fragment in the datagram, in units of 8 bytes; 0 for a whole datagram or its first fragment. */
  readonly fragmentOffset: number;
  /** DSCP and ECN, 8 bits. */
  readonly trafficClass: number;
  /** IPv6 flow label, 20 bits; 0 in IPv4. */
  readonly flowLabel: number;
  /** Bytes of header and payload as the header claims them; may exceed what was received. */
  readonly totalLength: number;
}

/** What `writeIp` puts in a header. Both addresses are of the same family. */
export interface IpFields {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  /** TTL or hop limit, 0 to 255. */
  readonly hopLimit: number;
  /** Differentiated services code point, 0 to 63. */
  readonly dscp: number;
  /** IPv4 identification, 0 to 65535; not used in IPv6. */
  readonly id: number;
  /** IPv6 flow label, 20 bits; not used in IPv4. */
  readonly flowLabel: number;
  /** Bytes after the header. */
  readonly payloadLength: number;
}
