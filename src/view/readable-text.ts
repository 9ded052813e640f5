/** Characters that a terminal acts upon, that show nothing, or that turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text from outside as it may stand in one line of a terminal: such characters are written out as JSON writes them,
 * `\u001b`, line feeds too. JSON text keeps its meaning.
 */
export function readableText(text: string): string {
  return text.replace(UNSEEN, (one) =>
    one
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** The same for a text of several lines, whose line feeds stay. */
export function readableLines(text: string): string {
  return text.split("\n").map(readableText).join("\n");
}
