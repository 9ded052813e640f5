/** A link that nobody crosses is forgotten after this time. */
const AGE_MS = 3_600_000;

interface SeenLink {
  /** Null for this host. */
  readonly from: string | null;
  readonly to: string;
  readonly at: number;
}

/** The links of one target that flows crossed in the last hour. */
export class Links {
  /** By `from to`. */
  readonly #links: Map<string, SeenLink> = new Map();

  /** A flow crossed these hops, by TTL from 1; null for one that is not known. */
  add(hops: readonly (string | null)[], at: number): void {
    const [first] = hops;
    if (typeof first === "string") this.#add(null, first, at);
    for (const [from, to] of linksOf(hops)) this.#add(from, to, at);
  }

  /** Takes back that a flow crossed these hops at this time; links that another has crossed since stay. */
  remove(hops: readonly (string | null)[], at: number): void {
    const pairs = [[null, hops[0] ?? ""] as const, ...linksOf(hops)];
    for (const [from, to] of pairs) {
      const key = keyOf(from, to);
      if ((this.#links.get(key)?.at ?? Infinity) <= at) this.#links.delete(key);
    }
  }

  /** Between hops that answered. */
  all(): [string, string][] {
    return [...this.#links.values()].flatMap(({ from, to }) => (from === null ? [] : [[from, to]]));
  }

  /** Whether a link was seen. @param from null for this host */
  has(from: string | null, to: string): boolean {
    return this.#links.has(keyOf(from, to));
  }

  /** Forgets what has grown old. */
  prune(now: number): void {
    for (const [key, { at }] of this.#links) if (now - at > AGE_MS) this.#links.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#links.clear();
  }

  #add(from: string | null, to: string, at: number): void {
    const key = keyOf(from, to);
    this.#links.set(key, { from, to, at: Math.max(at, this.#links.get(key)?.at ?? at) });
  }
}

/** Every two neighbouring hops that both answered. */
export function linksOf(hops: readonly (string | null)[]): [string, string][] {
  const links: [string, string][] = [];
  for (let at = 1; at < hops.length; at += 1) {
    const from = hops[at - 1];
    const to = hops[at];
    if (typeof from === "string" && typeof to === "string") links.push([from, to]);
  }
  return links;
}

function keyOf(from: string | null, to: string): string {
  return `${from ?? ""} ${to}`;
}
