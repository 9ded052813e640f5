/** OpenMetrics 1.0, "Exemplars": label names and values together hold at most this many characters. */
const EXEMPLAR_CHARACTERS = 128;

/** A sample value as both formats want it: `+Inf`, `-Inf` and `NaN`, else JavaScript's shortest exact decimal. */
export function sampleValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/**
 * The value of an `le` label, in the canonical form of OpenMetrics 1.0 ("1.0", "+Inf"). Both formats use it:
 * a bucket must not become another series when a scraper changes its format.
 */
export function bucketBound(bound: number): string {
  return Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : sampleValue(bound);
}

/** Whether rendered label pairs are short enough for an exemplar; counted in characters, not bytes or code units. */
export function withinExemplarLimit(labels: string): boolean {
  // Punctuation and escapes only make the rendered text longer than what counts.
  if (labels.length <= EXEMPLAR_CHARACTERS) return true;
  let characters = 0;
  for (const [, name = "", value = ""] of labels.matchAll(/([^,=]+)="((?:[^"\\]|\\.)*)"/g)) {
    characters += name.length + [...value.replace(/\\(.)/g, "$1")].length;
  }
  return characters <= EXEMPLAR_CHARACTERS;
}
