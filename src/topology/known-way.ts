/** A path that flows of a target take or took lately. */
export interface KnownPath {
  readonly id: string;
  /** By TTL from 1, the destination last; null for a hop that never answers. Of a router with several addresses one. */
  readonly hops: readonly (string | null)[];
  /** When a flow was last seen to take it. */
  seenAt: number;
}

/** What is known of a flow's way. */
export interface KnownWay {
  /** Undefined while several known paths fit what is known of the way. */
  readonly path: KnownPath | undefined;
  /** The addresses that answered this flow, by TTL from 1, the destination last; null for one that has not. */
  readonly hops: readonly (string | null)[];
  readonly at: number;
  /** Another sweep may tell more: other flows met a hop where this one met none. */
  readonly open: boolean;
}
