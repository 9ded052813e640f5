/** What the traces of a flow saw, by TTL from 1, without the silence behind the last answer. */
export function answeredHops(seen: readonly (string | null)[]): readonly (string | null)[] {
  return seen.slice(0, seen.findLastIndex((hop) => hop !== null) + 1);
}
