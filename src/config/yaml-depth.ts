import { type CST, Parser } from "yaml";

/**
 * Whether collections are nested deeper than a limit. Composing a document descends by recursion, and a stack that a file's
 * brackets have used up cannot be caught safely: the engine ends the process when it has to compile a regular expression
 * there. The token parser asked here keeps a stack of its own.
 */
export function isNestedDeeper(text: string, limit: number): boolean {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) {
    open.push({ token, depth: 0 });
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { token, depth } = next;
      if (depth > limit) return true;
      if (token.type === "document" && token.value) open.push({ token: token.value, depth });
      if (!("items" in token)) continue;
      for (const { key, value } of token.items) {
        if (key) open.push({ token: key, depth: depth + 1 });
        if (value) open.push({ token: value, depth: depth + 1 });
      }
    }
  }
  return false;
}
