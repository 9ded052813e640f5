import type { Random } from "./random.ts";

/** A router of a generated network. */
export interface Router {
  readonly id: number;
  readonly layer: number;
  readonly silent: boolean;
  readonly next: readonly { readonly to: number; readonly weight: number }[];
}

/** Layers of routers between a source and a target, and the flows that cross them. */
export interface GeneratedNetwork {
  readonly target: string;
  readonly routers: readonly Router[];
  /** Way of each flow, as router ids. */
  readonly ways: readonly (readonly number[])[];
  /** Links that flows before this window took. */
  readonly formerWays: readonly (readonly number[])[];
  /** Address with which a router answers a packet that came from another (-1: the source). */
  readonly addressOf: (router: number, from: number) => string;
}

/**
 * Lays out 3 to 6 layers, up to 16 wide, partly or fully meshed, and hashes 16 to 128 flows over them.
 * @param oddities 0 to 1: how often networks have uneven weights, polarised hashes, ways of unequal length, and routers
 *   that answer with another address on every link
 */
export function generateNetwork(random: Random, oddities: number): GeneratedNetwork {
  const depth = random.between(3, 6);
  const widths = Array.from({ length: depth }, (_, layer) =>
    layer === 0 && random.chance(0.5) ? 1 : random.pick([1, 2, 2, 3, 4, 4, 6, 8, 8, 12, 16]),
  );
  if (!widths.some((width) => width > 1)) {
    widths[random.between(1, depth - 1)] = random.between(2, 16);
  }
  const first: number[] = [];
  widths.reduce((sum, width, i) => {
    first[i] = sum;
    return sum + width;
  }, 0);
  const silentShare = 0.1 + 0.15 * random.next();
  const meshed = random.pick([0.3, 0.5, 0.7, 1, 1]);
  const uneven = random.chance(0.4 * oddities);
  const routers: Router[] = [];
  for (let layer = 0; layer < depth; layer++) {
    const width = widths[layer] ?? 1;
    const below = widths[layer + 1] ?? 0;
    for (let i = 0; i < width; i++) {
      const targets = new Set<number>();
      for (let j = 0; j < below; j++) {
        // The modulo keeps every router of the next layer reachable.
        if (random.chance(meshed) || j % width === i || i % below === j) {
          targets.add(j);
        }
      }
      routers.push({
        id: routers.length,
        layer,
        silent: random.chance(silentShare),
        next: [...targets].map((j) => ({
          to: (first[layer + 1] ?? 0) + j,
          weight: uneven ? random.pick([1, 1, 2, 4]) : 1,
        })),
      });
    }
  }
  const polarised = random.chance(0.25 * oddities);
  // Some networks have a way round that is a hop shorter or longer.
  const shortcut = depth > 3 && random.chance(0.4 * oddities) ? random.between(1, depth - 2) : -1;
  const walk = (): number[] => {
    const hash = random.next();
    const way: number[] = [];
    let choices: readonly { to: number; weight: number }[] = routers
      .filter(({ layer }) => layer === 0)
      .map(({ id }) => ({ to: id, weight: 1 }));
    while (choices.length > 0) {
      const id = choose(choices, polarised ? hash : random.next());
      const router = routers[id];
      way.push(id);
      choices = router?.next ?? [];
      if (router && router.layer === shortcut && router.id % 2 === 1) {
        choices = routers[choices[0]?.to ?? -1]?.next ?? choices;
      }
    }
    return way;
  };
  const flows = random.pick([16, 24, 32, 48, 64, 64, 64, 96, 128]);
  const perLink = random.chance(0.6 * oddities);
  return {
    target: "10.9.9.9",
    routers,
    ways: Array.from({ length: flows }, walk),
    formerWays: Array.from({ length: flows * random.pick([0, 1, 3, 6]) }, walk),
    addressOf: (router, from) =>
      perLink
        ? `10.${1 + (routers[router]?.layer ?? 0)}.${router - (first[routers[router]?.layer ?? 0] ?? 0)}.${from + 2}`
        : `10.${1 + (routers[router]?.layer ?? 0)}.0.${1 + router}`,
  };
}

function choose(choices: readonly { to: number; weight: number }[], hash: number): number {
  let rest = hash * choices.reduce((sum, { weight }) => sum + weight, 0);
  for (const { to, weight } of choices) {
    rest -= weight;
    if (rest < 0) {
      return to;
    }
  }
  return choices.at(-1)?.to ?? 0;
}

/** Hops of a way as a perfect sweep shows them: addresses, null where silent, without the destination. */
export function visibleHops(network: GeneratedNetwork, way: readonly number[]): (string | null)[] {
  return way.map((id, i) =>
    network.routers[id]?.silent ? null : network.addressOf(id, way[i - 1] ?? -1),
  );
}
