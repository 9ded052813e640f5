import { execFile } from "node:child_process";
import type { Read } from "./host-facts.ts";

/** A tool that says nothing for so long is given up, milliseconds. */
const PATIENCE_MS = 5000;
const MOST_BYTES = 64 * 1024 * 1024;

/** What a tool of the system prints, or one sentence that says why it prints nothing. */
export function runTool(command: string, args: readonly string[]): Promise<Read<string>> {
  return new Promise((done) => {
    const options = { timeout: PATIENCE_MS, maxBuffer: MOST_BYTES, encoding: "utf8" as const };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) return done({ value: stdout });
      if (error.code === "ENOENT") return done({ unread: `${command} is not installed` });
      const [first] = stderr.split("\n");
      done({ unread: `${command} says: ${first || error.message}` });
    });
  });
}
