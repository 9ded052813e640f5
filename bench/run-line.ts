import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Effort, Line, Row } from "./line.ts";

/** A line that was ended has this long to remove its network, milliseconds. */
const REMOVED_WITHIN_MS = 20_000;

/** What a child sends when its line is measured. */
export interface LineResult {
  readonly rows: readonly Row[];
}

/**
 * Measures a line in a process of its own, so that what one leaves in memory, or a line that hangs, spoils no other.
 * What cannot be measured is a row that is not kept, with the reason.
 * @param program the bench's own, which is called with `--child`
 */
export function runLine(line: Line, effort: Effort, program: URL): Promise<readonly Row[]> {
  const { rounds, seconds, quick } = effort;
  const options = [`--rounds=${rounds}`, `--seconds=${seconds}`, ...(quick ? ["--quick"] : [])];
  const child = fork(fileURLToPath(program), ["--child", ...options, line.name]);
  return new Promise((resolve) => {
    let rows: readonly Row[] | undefined;
    let reason = "it ended without a result";
    child.on("message", (message: LineResult) => {
      rows = message.rows;
    });
    const timer = setTimeout(() => {
      reason = `it was not done after ${line.limitMinutes} minutes`;
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), REMOVED_WITHIN_MS).unref();
    }, line.limitMinutes * 60_000);
    child.on("error", (error) => {
      reason = error.message;
    });
    child.on("close", () => {
      clearTimeout(timer);
      resolve(rows ?? [failed(line, reason)]);
    });
  });
}

/** The row of a line that could not be measured. */
export function failed(line: Line, reason: string): Row {
  return { what: line.name, measured: `not measured: ${reason}`, bound: "measured", kept: false };
}
