/** How a flow gets its IPv6 flow label: from its source port, or none. */
export const FLOW_LABELS = ["port", 0] as const;
export type FlowLabel = (typeof FLOW_LABELS)[number];

/** 2^32 over the golden ratio: the multiples of no other number keep further apart. */
const GOLDEN = 0x9e3779b1;

/**
 * The IPv6 flow label (20 bits) of a flow: 0, or a number that every source port has to itself, never 0 and scattered
 * over all 20 bits, since routers take it for uniformly distributed (RFC 6437 section 2).
 * @param sourcePort 1 to 65535; the identifier of an ICMP flow
 */
export function flowLabelOf(setting: FlowLabel, sourcePort: number): number {
  return setting === 0 ? 0 : Math.imul(sourcePort, GOLDEN) >>> 12;
}
