/**
 * Leaves a hop that answers at several TTLs in a row at one of them, and null at the others, so that no link from a hop
 * to itself is made of it (Augustin et al., "Avoiding traceroute anomalies with Paris traceroute", 2006, section 4).
 * A router that passes on packets whose TTL has run out lets the next one answer in its place: there the later TTL is
 * the right one. Otherwise the first is, and whoever stands behind answers under another's address.
 * @param hops by TTL from 1
 * @param early whether the answer to the TTL at this index quoted a TTL of 0
 */
export function withoutRepeats(
  hops: readonly (string | null)[],
  early: (index: number) => boolean = () => false,
): (string | null)[] {
  const kept = [...hops];
  for (let start = 0; start < hops.length; ) {
    let end = start + 1;
    while (end < hops.length && hops[end] === hops[start]) end += 1;
    let place = start;
    while (place < end - 1 && early(place)) place += 1;
    for (let index = start; index < end; index += 1) if (index !== place) kept[index] = null;
    start = end;
  }
  return kept;
}
