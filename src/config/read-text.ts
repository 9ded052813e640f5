import { readFile } from "node:fs/promises";
import type { ConfigProblem } from "./problem.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is not a directory",
  ELOOP: "its symbolic links lead in a circle",
};

/** Why the system refused to read something, in words. */
export function errorSentence(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return REASONS[code] ?? code;
}

/** The text of a file, or why there is none. */
export type FileText = { readonly text: string } | { readonly problem: ConfigProblem };

/** Reads a file as UTF-8, strictly: a binary file is refused instead of being read as something. */
export async function readText(file: string): Promise<FileText> {
  const problem = (message: string): FileText => ({
    problem: { file, line: undefined, path: "", value: undefined, message },
  });
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return problem(`cannot be read: ${errorSentence(error)}`);
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return problem("is not UTF-8 text");
  }
}
