/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours that turn one word into
 * the other.
 */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** A word this long that is a part of a candidate is near to it, however much is missing: `hops` of `max_hops`. */
const PART_CHARACTERS = 4;

/**
 * The candidates that may have been meant, closest first, at most three: those within a third of their length (at least two
 * edits), and those that hold the word. Case and the difference between - and _ are ignored.
 */
export function nearMatches(word: string, candidates: Iterable<string>): readonly string[] {
  const wanted = word.toLowerCase().replaceAll("-", "_");
  return [...candidates]
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => {
      if (edits <= Math.max(2, Math.floor(candidate.length / 3))) return true;
      return wanted.length >= PART_CHARACTERS && candidate.toLowerCase().includes(wanted);
    })
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
