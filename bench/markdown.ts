import type { Row } from "./line.ts";

const HEADS = ["line", "measured", "beside", "bound", ""] as const;

/** The head of the table, two lines of Markdown. */
export function tableHead(): string {
  return `| ${HEADS.join(" | ")} |\n|${HEADS.map(() => "---|").join("")}`;
}

/** A row as Markdown; what misses its bound is told in bold. */
export function tableRow({ what, measured, beside = "", bound = "", kept }: Row): string {
  const verdict = kept === undefined ? "" : kept ? "kept" : "**missed**";
  const cells = [what, measured, beside, bound, verdict].map((cell) => cell.replaceAll("|", "\\|"));
  return `| ${cells.join(" | ")} |`;
}
