import type { Way } from "./known-paths.ts";

/**
 * A way that ends in silent hops before the destination, without these where others show that the same router hands on to the destination: what
 * the destination answered on this way got lost, at first, so that it seems to lie farther away. A router that answers nothing, and stands
 * behind that router on some ways only, is left out with them.
 * @param found hops by TTL from 1, the destination last
 * @param others what other flows showed lately, or this one before
 */
export function withoutLostEnd(found: Way, others: Iterable<Way>): Way {
  const end = found.length - 1;
  const last = found.findLastIndex((hop, at) => at < end && hop !== null);
  if (last < 0 || last === end - 1) return found;
  for (const way of others) {
    if (way.length === last + 2 && way[last] === found[last]) {
      return [...found.slice(0, last + 1), ...found.slice(end)];
    }
  }
  return found;
}
