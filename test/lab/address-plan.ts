/**
 * Addresses of lab networks, by family. Every lab lives in namespaces of its own, so all labs use the same ones.
 *
 *                IPv4             IPv6
 *   routers      10.0.0.1 …       2001:db8::1 …      in the order declared, on `lo`
 *   hosts        10.0.0.201 …     2001:db8::201 …    likewise
 *   links        10.1.0.0/16      2001:db8:1::/48    two addresses each: RFC 3021, RFC 6164
 */
export interface AddressPlan {
  readonly family: 4 | 6;
  /** Prefix lengths of a node's own address and of a link. */
  readonly hostBits: number;
  readonly linkBits: number;
  /** What `nft` calls the family: its tables and the header. */
  readonly nft: "ip" | "ip6";
  /** An address that no packet is sent to. */
  readonly nowhere: string;
  /** The address of node number 1 to 254 on `lo`. */
  readonly node: (number: number) => string;
  /** One of the two addresses, 0 or 1, of link number 0 on. */
  readonly link: (index: number, end: number) => string;
}

/** The plan of each family. */
export const ADDRESS_PLANS: { readonly [F in 4 | 6]: AddressPlan } = {
  4: {
    family: 4,
    hostBits: 32,
    linkBits: 31,
    nft: "ip",
    nowhere: "0.0.0.0",
    node: (number) => `10.0.0.${number}`,
    link: (index, end) => `10.1.${index >> 7}.${(index & 127) * 2 + end}`,
  },
  6: {
    family: 6,
    hostBits: 128,
    linkBits: 127,
    nft: "ip6",
    nowhere: "::",
    node: (number) => `2001:db8::${number}`,
    // Ends 2 and 3: RFC 5952 would write the end 0 otherwise than the exporter is told it.
    link: (index, end) => `2001:db8:1::${(index + 1).toString(16)}:${2 + end}`,
  },
};
