/**
 * Lines of a table whose columns are as wide as their widest cell, two spaces apart, nothing behind the last.
 * @param rows the heads first, each as long as the heads
 * @param numbers columns, from 0, that hold numbers: they end in line, the others begin in line
 */
export function textTable(
  rows: readonly (readonly string[])[],
  numbers: readonly number[],
): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numbers.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
