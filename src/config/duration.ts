/** Milliseconds of each unit, largest first: the order in which a compound duration has to name them. */
const UNITS = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** One optional part a unit in falling order, as Prometheus reads durations; `m` must not swallow the m of `ms`. */
const DURATION = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Reads a duration as Prometheus writes them: `250ms`, `10s`, `1h30m`; units w, d, h, m, s and ms in falling order,
 * each at most once, whole numbers only.
 * @returns milliseconds, or undefined where the text is no duration or too long to count exactly
 */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null || text === "") return undefined;
  let total = 0;
  for (const [index, [, milliseconds]] of UNITS.entries()) {
    total += Number(match[index + 1] ?? 0) * milliseconds;
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

/**
 * Writes a duration so that {@link parseDuration} reads the same number back, in the fewest units: 5400000 is `1h30m`.
 * @param ms milliseconds, rounded to a whole number; not negative
 */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = "";
  for (const [unit, milliseconds] of UNITS) {
    const count = Math.floor(rest / milliseconds);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * milliseconds;
  }
  return text === "" ? "0s" : text;
}
