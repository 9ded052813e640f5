import { parseArgs } from "node:util";

/** The shortest demo in which a fault can be found, and its recovery seen; one in which both are alerted, or more is shown. */
const SHORTEST_SECONDS = 30;
const SHORTEST_LONG_SECONDS = 90;

/** The text of `--help`. */
export const HELP = `Usage: npm run demo [-- [--tour] [--stack] [--seconds N]]

Builds a network of ten routers in namespaces of this machine, probes a service through it, breaks one of
eight parallel routers and shows which flows fail, and where, until Ctrl-C.

  --tour        Show more: a broken path, a lossy one, routers that hash anew, a fault on the way back.
  --stack       Start Prometheus and Alertmanager beside it with the shipped rules, and show the alert.
  --seconds N   Tell the story once and end after N seconds, ${SHORTEST_SECONDS} or more (with --stack
                or --tour ${SHORTEST_LONG_SECONDS}).
  -h, --help    Print this text.
`;

/** What the demo was asked for. */
export interface DemoOptions {
  readonly help: boolean;
  /** Time for the whole demo; undefined to tell the story again and again. */
  readonly seconds: number | undefined;
  /** With Prometheus and Alertmanager. */
  readonly stack: boolean;
  /** With the faults of every kind. */
  readonly tour: boolean;
}

/** Reads the command line. @throws Error with one sentence */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      stack: { type: "boolean" },
      tour: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const { help = false, stack = false, tour = false } = values;
  if (values.seconds === undefined) return { help, stack, tour, seconds: undefined };
  const seconds = Number(values.seconds);
  const shortest = stack || tour ? SHORTEST_LONG_SECONDS : SHORTEST_SECONDS;
  if (!(seconds >= shortest && Number.isFinite(seconds))) {
    const beside = stack ? " with --stack" : tour ? " with --tour" : "";
    throw new Error(`--seconds must be ${shortest} or more${beside}, not "${values.seconds}"`);
  }
  return { help, stack, tour, seconds };
}
