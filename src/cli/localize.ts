import { once } from "node:events";
import { createInterface } from "node:readline";
import { localizeLine, refuseLine } from "../localize/localize-lines.ts";

/**
 * Reads recorded cases from standard input, one JSON object a line, and writes what the daemon would say of each to
 * standard output, one line each. Empty lines are skipped. A line that cannot be read as a case is answered as indeterminate and
 * named on standard error. @returns the exit code: 1 when there was such a line, else 0
 */
async function main(): Promise<number> {
  let number = 0;
  let refused = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    number += 1;
    if (line.trim() === "") {
      continue;
    }
    let answer: string;
    try {
      answer = localizeLine(line);
    } catch (error) {
      refused += 1;
      answer = refuseLine(error);
      process.stderr.write(`line ${number}: ${error instanceof Error ? error.message : error}\n`);
    }
    if (!process.stdout.write(`${answer}\n`)) {
      await once(process.stdout, "drain");
    }
  }
  return refused > 0 ? 1 : 0;
}

process.exitCode = await main();
