/** A link between answering hops; null stands for the source (`from`) and for a silent or unknown hop (`to`). */
export interface VisibleLink {
  readonly from: string | null;
  readonly to: string | null;
}

/** On which part of the round trip a fault lies (values of the `segment` label). */
export const SEGMENTS = ["forward", "return", "return_or_endpoint"] as const;
export type Segment = (typeof SEGMENTS)[number];

/**
 * What is at fault (values of the `place` label): a link of two hops; a router, which drops whatever crosses it; one member of a
 * bundle, so that some flows of a link die and others live; something behind a hop where nothing is known; the way
 * back; the endpoint itself; the source.
 */
export const PLACES = [
  "link",
  "router",
  "bundle",
  "beyond",
  "return",
  "endpoint",
  "source",
] as const;
export type SuspectKind = (typeof PLACES)[number];

/** Where a fault is held to be. Of a router, `from` and `to` are a link into it or out of it. */
export interface SuspectPlace extends VisibleLink {
  /**
   * `forward`: on the way there. `return`: on the way back, as the target itself has shown. `return_or_endpoint`: behind the
   * last router, be it the host, a balancer or the way back.
   */
  readonly segment: Segment;
  readonly place: SuspectKind;
  /**
   * What to call it: of a link its far end's router or else address, of a router its name or else its lowest address, behind
   * a hop that hop, behind the last router the target. Does not depend on counts, nor on the order of the flows.
   */
  readonly name: string;
}
