type Hops = readonly (string | null)[];

/** What is known of where a failing flow's packets get to. */
export interface Reached {
  /** Who answered its sweeps, by TTL from 1; null for silence. */
  readonly seen: Hops;
  /** The last hop of its sweeps: an address, `none` or `unknown`. */
  readonly lastHop: string;
}

/**
 * A router that reports a flow's failure was reached by a packet of the flow, even if it kept silent to the sweeps: one
 * that has no route, or filters, answers few of the packets that it gets.
 * @param reached what the sweeps say
 * @param reporter the router's address; undefined where none reported
 * @param path the flow's hops while it worked; null where they are not known
 * @param others paths of other flows to the same target: where the flow's own is not known they say where a router stands
 * @returns the same where nobody reported, or where it is not known where the reporter stands
 */
export function withReporter(
  reached: Reached,
  reporter: string | undefined,
  path: Hops | null,
  others: readonly Hops[] = [],
): Reached {
  if (reporter === undefined || reached.seen.includes(reporter)) return reached;
  const at = path === null ? onlyPlace(reporter, others) : path.indexOf(reporter);
  const last = reached.seen.findLastIndex((hop) => hop !== null);
  if (at === undefined || at <= last) return reached;
  // Its packets take another way by now than the one on which it was reported.
  if (path !== null && reached.seen.some((hop, ttl) => hop !== null && differs(hop, path[ttl]))) {
    return reached;
  }
  // Where no sweep was answered the hops before it were not heard to keep silent: with its path the name says it all.
  if (last < 0 && path !== null) return { seen: [], lastHop: reporter };
  const seen = Array.from({ length: at }, (_, index) => reached.seen[index] ?? null);
  return { seen: [...seen, reporter], lastHop: reporter };
}

/** Index at which the paths have the hop; undefined where none has it, or they have it at several. */
function onlyPlace(hop: string, paths: readonly Hops[]): number | undefined {
  const places = new Set(paths.map((path) => path.indexOf(hop)).filter((at) => at >= 0));
  const [at] = places;
  return places.size === 1 ? at : undefined;
}

function differs(hop: string, known: string | null | undefined): boolean {
  return known !== null && known !== undefined && known !== hop;
}
