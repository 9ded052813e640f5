/** Lays rows out in columns: text to the left, numbers to the right. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = [heads, ...rows].map((row) => row.map(String));
  const widths = heads.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const numeric = heads.map((_, at) => rows.every((row) => typeof row[at] === "number"));
  return lines
    .map((line) =>
      line
        .map((cell, at) =>
          numeric[at] === true ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
