import type { Crossed, LocationKind, Member } from "./member.ts";
import { pushTo } from "./multimap.ts";
import type { Network } from "./network.ts";

/** A place at a hop that answers some flows only: what leads to it, or on from it, and the silence that may be it. */
export interface SeldomPlace {
  readonly kind: LocationKind;
  readonly members: readonly Member[];
  readonly hops: readonly number[];
  /** Nats for supposing that the silence is this hop. */
  readonly picked: number;
}

/** Nats for supposing that silence between two hops is a hop known to stand between them. Set by hand (2026-11). */
const SUPPOSED = 1.5;

/**
 * A router that answers some flows only, or seldom, is a hop to some of them and silence to others, between the same neighbours.
 * What is broken there breaks both.
 */
export function* seldomHops(
  network: Network,
  { links, into, outOf }: Crossed,
): Generator<SeldomPlace> {
  const silences = new Map<number, number[]>();
  for (const { id, before, after, ttls } of network.hops) {
    if (before === null || after === undefined || ttls !== 1 || !into.has(id)) continue;
    for (const hop of network.next(before).keys()) {
      if (network.answers(hop) && network.next(hop).has(after)) pushTo(silences, hop, id);
    }
  }
  for (const [hop, silent] of silences) {
    const own = [hop, ...silent];
    for (const [kind, side] of [
      ["router", into],
      ["forwarder", outOf],
    ] as const) {
      const members = own.flatMap((id) => side.get(id) ?? []);
      yield { kind, members, hops: [hop], picked: SUPPOSED };
    }
    const before = new Set(silent.map((id) => network.hops[id]?.before ?? id));
    for (const from of before) {
      const members = own.flatMap((id) => links.get(`${from} ${id}`) ?? []);
      yield { kind: "link", members, hops: [hop], picked: SUPPOSED };
    }
    const after = new Set(silent.map((id) => network.hops[id]?.after ?? id));
    for (const to of after) {
      const members = own.flatMap((id) => links.get(`${id} ${to}`) ?? []);
      yield { kind: "link", members, hops: [to], picked: SUPPOSED };
    }
  }
}
