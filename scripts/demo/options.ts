import { parseArgs } from "node:util";

/** The shortest demo in which a fault can be found, and its recovery seen. */
const SHORTEST_SECONDS = 30;

/** The text of `--help`. */
export const HELP = `Usage: npm run demo [-- --seconds N]

Builds a network of ten routers in namespaces of this machine, probes a service through it, breaks one of
eight parallel routers and shows which flows fail, and where, until Ctrl-C.

  --seconds N   Tell the story once and end after N seconds, ${SHORTEST_SECONDS} or more.
  -h, --help    Print this text.
`;

/** What the demo was asked for. */
export interface DemoOptions {
  readonly help: boolean;
  /** Time for the whole demo; undefined to tell the story again and again. */
  readonly seconds: number | undefined;
}

/** Reads the command line. @throws Error with one sentence */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.seconds === undefined) return { help: values.help ?? false, seconds: undefined };
  const seconds = Number(values.seconds);
  if (!(seconds >= SHORTEST_SECONDS && Number.isFinite(seconds))) {
    throw new Error(`--seconds must be ${SHORTEST_SECONDS} or more, not "${values.seconds}"`);
  }
  return { help: values.help ?? false, seconds };
}
