import { parseArgs } from "node:util";
import type { Effort, Line } from "./line.ts";

/** What `npm run bench` was asked for. */
export interface Asked {
  readonly lines: readonly Line[];
  readonly effort: Effort;
  /** Names are to be told, and nothing measured. */
  readonly list: boolean;
  /** A program called by the bench itself, which measures its one line and hands over the rows. */
  readonly child: boolean;
}

const FULL = { rounds: 5, seconds: 8 };
const QUICK = { rounds: 1, seconds: 3 };

/** What `--help` prints. */
export const USAGE = `Usage: npm run bench -- [--quick] [--rounds N] [--seconds N] [--list] [LINE...]
Measures all lines, or those named, and prints a table in Markdown. Ends with 1 if one misses its bound.
  --quick    one short round, to see that the lines work; the figures say little
  --rounds   measurements whose median is told, 1 to 50 (${FULL.rounds})
  --seconds  of each measurement, 1 to 300 (${FULL.seconds})
  --list     prints the names of the lines`;

/** Reads the command line. @throws Error with a sentence where it is wrong */
export function readArguments(argv: readonly string[], known: readonly Line[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      seconds: { type: "string" },
      list: { type: "boolean", default: false },
      child: { type: "boolean", default: false },
    },
  });
  const usual = values.quick ? QUICK : FULL;
  const lines = positionals.map((name) => {
    const line = known.find((each) => each.name === name);
    if (line === undefined) {
      throw new Error(`no line "${name}"; there are ${known.map((each) => each.name).join(", ")}`);
    }
    return line;
  });
  return {
    lines: lines.length > 0 ? lines : known,
    effort: {
      rounds: number("rounds", values.rounds, usual.rounds, 50),
      seconds: number("seconds", values.seconds, usual.seconds, 300),
      quick: values.quick,
    },
    list: values.list,
    child: values.child,
  };
}

function number(name: string, text: string | undefined, usual: number, most: number): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new Error(`--${name} ${text} is not a whole number from 1 to ${most}`);
  }
  return value;
}
