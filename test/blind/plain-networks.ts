import type { Random } from "../support/random.ts";

/** A router of the fourth generator, with the links that leave it. */
export interface PlainRouter {
  readonly id: number;
  readonly next: PlainLink[];
}

/** A link; `to` is a router's number, or -1 for the target. Links between the same two routers are parallel. */
export interface PlainLink {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** Where a way ends. */
export const END = -1;

/** Routers of one kind of network; the first of them is where all flows begin. */
export class PlainNetwork {
  readonly routers: PlainRouter[] = [];
  readonly links: PlainLink[] = [];

  /** Adds a router that these lead to, the first of all if nothing does. */
  after(...before: readonly number[]): number {
    const id = this.routers.length;
    this.routers.push({ id, next: [] });
    for (const from of before) this.link(from, id);
    return id;
  }

  /** Links two routers, or a router and the target. */
  link(from: number, to: number): void {
    const link = { id: this.links.length, from, to };
    this.links.push(link);
    this.routers[from]?.next.push(link);
  }
}

/** A Clos fabric whose middle is as uneven as years of growth leave it: each switch has its own number of uplinks. */
function unevenClos(random: Random): PlainNetwork {
  const network = new PlainNetwork();
  const leaf = network.after();
  const up = several(random.between(2, 6), () => network.after(leaf));
  const middle = several(random.between(2, 9), () => network.after(...some(up, random)));
  for (const id of up) if (network.routers[id]?.next.length === 0) network.link(id, middle[0] ?? 0);
  const down = several(random.between(1, 5), () => network.after(...some(middle, random)));
  for (const id of middle) {
    if (network.routers[id]?.next.length === 0) network.link(id, random.pick(down));
  }
  network.link(network.after(...down), END);
  return network;
}

/** A ring: either way round, of unequal length, over one to three parallel links from one router to the next. */
function ring(random: Random): PlainNetwork {
  const network = new PlainNetwork();
  const edge = network.after();
  const entries = several(random.between(1, 3), () => network.after(edge));
  const ends = [random.between(1, 3), random.between(2, 6)].map((length) => {
    let at = network.after(...entries);
    for (let i = 1; i < length; i++) {
      const next = network.after();
      for (let parallel = random.between(1, 3); parallel > 0; parallel--) network.link(at, next);
      at = next;
    }
    return at;
  });
  network.link(network.after(...ends), END);
  return network;
}

/** One address at many sites: after a router or two every flow goes to a site of its own, each with its own last router. */
function anycast(random: Random): PlainNetwork {
  const network = new PlainNetwork();
  let at = network.after();
  if (random.chance(0.5)) at = network.after(at);
  for (let sites = random.between(2, 12); sites > 0; sites--) {
    let last = network.after(at);
    for (let i = random.between(0, 2); i > 0; i--) last = network.after(last);
    network.link(last, END);
  }
  return network;
}

/** Two rows of routers side by side, with a link from each to both of the next column. */
function ladder(random: Random): PlainNetwork {
  const network = new PlainNetwork();
  let column = [network.after()];
  for (let i = random.between(2, 5); i > 0; i--) {
    const before = column;
    column = several(2, () => network.after(...before));
  }
  for (const id of column) network.link(id, END);
  return network;
}

function several<T>(count: number, made: () => T): T[] {
  return Array.from({ length: count }, made);
}

/** Each with a chance of its own, at least one. */
function some(ids: readonly number[], random: Random): number[] {
  const share = random.pick([0.4, 0.7, 1]);
  const chosen = ids.filter(() => random.chance(share));
  return chosen.length > 0 ? chosen : [random.pick(ids)];
}

/** The kinds of network of the fourth generator, by name. */
export const PLAIN_NETWORKS = { "uneven Clos": unevenClos, ring, anycast, ladder } as const;
