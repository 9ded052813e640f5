import { createHash } from "node:crypto";

/**
 * The name of a path: the first eight hex digits of a SHA-256 over its hops in order, so that every exporter that sees
 * the same hops calls the path the same.
 * @param hops by TTL from 1, the destination last: a router's name where its identity is known, else the address; null
 *   for a hop that never answers
 */
export function pathId(hops: readonly (string | null)[]): string {
  const text = hops.map((hop) => hop ?? "*").join(">");
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** A path's id as the number that a gauge can carry; exact, since it has 32 bits. */
export function pathNumber(id: string): number {
  return Number.parseInt(id, 16);
}
