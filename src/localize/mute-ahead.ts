import type { AheadLink, Link } from "./crossing.ts";
import { TARGET } from "./network.ts";

/**
 * How many hops kept silent behind the end of a sweep because they are mute: of the ways that the flow may take those with mute hops are
 * the likelier, since nobody answered. The mean over all ways, in the terms of {@link Beyond.missing}, so that it may be a fraction.
 * @param ahead in the order of steps
 * @param mute hops whose answers get lost
 * @param gap share of answers that a hop which does answer fails to give, above 0 to below 1
 */
export function muteAhead(
  ahead: readonly AheadLink[],
  mute: ReadonlySet<number>,
  gap: number,
): number {
  // By step and place how much likelier the silence so far is than without mute hops, times the chance to get there; and that chance.
  const reached = new Map<string, { odds: number; chance: number }>();
  const end = { odds: 0, chance: 0 };
  for (const { from, to, weight, step } of ahead) {
    const before = reached.get(`${step} ${from}`);
    const ratio = before === undefined ? 1 : before.odds / before.chance;
    const key = `${step + 1} ${to}`;
    const sum = to === TARGET ? end : (reached.get(key) ?? { odds: 0, chance: 0 });
    sum.odds += ratio * weight * (mute.has(to) ? 1 / gap : 1);
    sum.chance += weight;
    if (to !== TARGET) reached.set(key, sum);
  }
  return end.chance === 0 ? 0 : Math.log(end.odds / end.chance) / Math.log(1 / gap);
}

/**
 * The same of hops that kept silent between others that answered, where the way there is not known for certain.
 * @param links what the flow may cross
 * @param end the hop where its sweep ended
 * @param heard hops that answered it
 */
export function muteBetween(
  links: readonly Link[],
  end: number | null,
  heard: readonly number[],
  mute: ReadonlySet<number>,
  gap: number,
): number {
  const last = links.find(({ to }) => to === end)?.depth ?? 0;
  const chances = new Map<number, number>();
  for (const { to, depth, weight } of links) {
    if (depth >= last || heard.includes(to) || !mute.has(to)) continue;
    chances.set(depth, weight + (chances.get(depth) ?? 0));
  }
  let odds = 0;
  for (const chance of chances.values()) odds += Math.log(chance / gap + (1 - chance));
  return odds / Math.log(1 / gap);
}
