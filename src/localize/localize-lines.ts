import { parseCase } from "./case.ts";
import { localize } from "./localize.ts";

/**
 * Answers one recorded case, a JSON object on one line, with one line: verdict, reason and suspects, most certain
 * first.
 * @throws what {@link parseCase} throws for a line that cannot be read as one
 */
export function localizeLine(line: string): string {
  const { verdict, reason, suspects } = localize(parseCase(line));
  return JSON.stringify({
    verdict,
    reason,
    suspects: suspects.map(({ reason: _, ...suspect }) => suspect),
  });
}

/** The answer to a line that cannot be read as a case, so that every line has one. */
export function refuseLine(error: unknown): string {
  const reason = `This line cannot be read as a case: ${error instanceof Error ? error.message : String(error)}`;
  return JSON.stringify({ verdict: "indeterminate", reason, suspects: [] });
}
