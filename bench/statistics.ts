/** The value below which this share (0 to 1) of the values lies, by nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle value, of an even number the lower of the two; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `median (lowest to highest)`, each with so many digits behind the point. */
export function spread(values: readonly number[], digits: number): string {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map(
    (value) => value.toFixed(digits),
  );
  return values.length < 2 ? `${middle}` : `${middle} (${low} to ${high})`;
}
