import { parse, stringify } from "yaml";

/** Keys of Prometheus's and Alertmanager's files whose value is a duration. */
const DURATION_KEYS: ReadonlySet<string> = new Set([
  "scrape_interval",
  "evaluation_interval",
  "interval",
  "for",
  "keep_firing_for",
  "group_wait",
  "group_interval",
  "repeat_interval",
]);

/** Windows and offsets of PromQL: `[5m]`, `offset 1d`. Names of series, such as `ratio_rate5m`, keep theirs. */
const QUERY_DURATION = /(?<=\[|\boffset )\d+(?:ms|[smhdwy])(?=\]|\b)/g;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A file of Prometheus or Alertmanager with every duration divided by `factor` and nothing else changed: intervals,
 * delays, windows in expressions and in the queries of annotations.
 * @throws Error on a duration that is not a number and a unit
 */
export function shorten(yaml: string, factor: number): string {
  return stringify(
    walk(parse(yaml), (key, text) =>
      DURATION_KEYS.has(key)
        ? divided(text, factor)
        : text.replace(QUERY_DURATION, (duration) => divided(duration, factor)),
    ),
    { aliasDuplicateObjects: false, lineWidth: 0 },
  );
}

/** `5m` divided by 10 is `30000ms`; never less than a millisecond, unless it is none. */
function divided(duration: string, factor: number): string {
  const [, number, unit = ""] = /^(\d+)(\D+)$/.exec(duration) ?? [];
  const unitMs = UNIT_MS[unit];
  if (number === undefined || unitMs === undefined) throw new Error(`no duration: "${duration}"`);
  return `${Math.max(number === "0" ? 0 : 1, Math.round((Number(number) * unitMs) / factor))}ms`;
}

/** Changes every text of a tree; `key` is the key that the text, or the list it is in, stands under. */
function walk(node: unknown, change: (key: string, text: string) => string, key = ""): unknown {
  if (typeof node === "string") return change(key, node);
  if (Array.isArray(node)) return node.map((item) => walk(item, change, key));
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, walk(value, change, name)]),
  );
}
