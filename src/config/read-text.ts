import { readFile } from "node:fs/promises";
import type { ConfigProblem } from "./problem.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "is not readable by this user",
  EISDIR: "is a directory",
  ENOTDIR: "has a file in its path where a directory is needed",
  ELOOP: "is a symbolic link to itself",
};

/** Why the system refused to read something, in words: `it does not exist`. */
export function errorSentence(error: unknown, subject = "it"): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const reason = REASONS[code];
  return reason === undefined ? code : `${subject} ${reason}`;
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
