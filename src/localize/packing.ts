/** What may be put together with others that explain other flows. */
export interface Packable {
  /** Nats that it gains by itself, its cost paid. */
  readonly gain: number;
  /** The failing flows that it explains; what explains none is not put together with anything. */
  readonly failing: ReadonlySet<number>;
}

/** Most that are put together, however many there is room for. */
const MOST_PACKED = 4;
/** So many of the best each begin a choice. */
const SEEDS = 12;

/**
 * Chooses several of which none explains a flow that another one explains, so that their gains add up: beginning with each of the best
 * in turn, always the next best that fits. Empty where no two fit together.
 * @param room how many there is room for
 */
export function choosePacked<T extends Packable>(all: readonly T[], room: number): T[] {
  const sorted = all.filter(({ failing }) => failing.size > 0).sort((a, b) => b.gain - a.gain);
  let best: T[] = [];
  let most = 0;
  for (const first of sorted.slice(0, SEEDS)) {
    const taken = new Set<number>();
    const chosen: T[] = [];
    let sum = 0;
    for (const each of [first, ...sorted]) {
      if (chosen.length >= Math.min(room, MOST_PACKED)) break;
      if ([...each.failing].some((flow) => taken.has(flow))) continue;
      for (const flow of each.failing) taken.add(flow);
      chosen.push(each);
      sum += each.gain;
    }
    if (chosen.length > 1 && sum > most) {
      best = chosen;
      most = sum;
    }
  }
  return best;
}
