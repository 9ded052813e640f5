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

/** From this chance on a failing flow counts as one of a place's. */
const LIKELY = 0.2;

/**
 * A router that answers some flows only, or seldom, is a hop to some of them and silence to others, between the same neighbours.
 * What is broken there breaks both; where flows of one of them alone fail, that one explains more by itself.
 */
export function* seldomHops(
  network: Network,
  { links, into, outOf }: Crossed,
  isFailing: (flow: number) => boolean,
): Generator<SeldomPlace> {
  const silences = new Map<number, number[]>();
  for (const { id, before, after, ttls } of network.hops) {
    if (before === null || after === undefined || ttls !== 1 || !into.has(id)) continue;
    for (const hop of network.next(before).keys()) {
      if (network.answers(hop) && network.next(hop).has(after)) pushTo(silences, hop, id);
    }
  }
  for (const [hop, silent] of silences) {
    const place = (
      kind: LocationKind,
      far: number,
      of: (id: number) => readonly Member[] | undefined,
    ): SeldomPlace[] => {
      const own = of(hop) ?? [];
      const others = silent.flatMap((id) => of(id) ?? []);
      const fails = (members: readonly Member[]): boolean =>
        members.some(({ flow, weight }) => weight > LIKELY && isFailing(flow));
      if (!fails(own) || !fails(others)) return [];
      return [{ kind, members: [...own, ...others], hops: [far], picked: SUPPOSED }];
    };
    yield* place("router", hop, (id) => into.get(id));
    yield* place("forwarder", hop, (id) => outOf.get(id));
    for (const from of new Set(silent.map((id) => network.hops[id]?.before ?? id))) {
      yield* place("link", hop, (id) => links.get(`${from} ${id}`));
    }
    for (const to of new Set(silent.map((id) => network.hops[id]?.after ?? id))) {
      yield* place("link", to, (id) => links.get(`${id} ${to}`));
    }
  }
}
