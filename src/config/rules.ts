import { FLOW_LABELS, type FlowLabel } from "../flow/flow-label.ts";
import type { PortRange } from "../flow/target.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { isSchedule } from "./schedule.ts";

/** What can stand at a key, before it is known to be right. */
export type Scalar = string | number | boolean | null;

/** What a rule makes of a value: the value as the program uses it, or a sentence that says what would be right. */
export type Checked<T> = { readonly value: T } | { readonly problem: string };

/** Decides whether a value may stand at a key. Never converts: `"64"` is no number and 1 is not true. */
export type Rule<T> = (value: Scalar) => Checked<T>;

/** A duration with its unit; limits and result in milliseconds. */
export function durationBetween(min: number, max: number): Rule<number> {
  return (value) => {
    const ms = typeof value === "string" ? parseDuration(value) : undefined;
    if (ms === undefined)
      return { problem: 'must be a duration with its unit, such as "10s" or "1m30s"' };
    if (ms >= min && ms <= max) return { value: ms };
    return { problem: `must be between ${formatDuration(min)} and ${formatDuration(max)}` };
  };
}

/** A whole number within limits. */
export function wholeNumber(min: number, max: number): Rule<number> {
  return (value) => {
    if (typeof value === "number" && Number.isInteger(value)) {
      return value >= min && value <= max
        ? { value }
        : { problem: `must be between ${min} and ${max}` };
    }
    const quoted = typeof value === "string" && /^\d+$/.test(value);
    const within = `from ${min} to ${max}`;
    return {
      problem: quoted ? "must be a number: remove the quotes" : `must be a whole number ${within}`,
    };
  };
}

/** One word of a list. */
export function oneOf<const T extends string>(words: readonly T[]): Rule<T> {
  return (value) => {
    const word = words.find((candidate) => candidate === value);
    return word === undefined ? { problem: `must be one of ${words.join(", ")}` } : { value: word };
  };
}

/** How flows get their IPv6 flow labels. */
export const flowLabel: Rule<FlowLabel> = (value) => {
  const known = FLOW_LABELS.find((candidate) => candidate === value);
  if (known !== undefined) return { value: known };
  return { problem: value === "0" ? "must be 0 without quotes" : "must be port or 0" };
};

/** `true` or `false`. */
export const trueOrFalse: Rule<boolean> = (value) =>
  typeof value === "boolean"
    ? { value }
    : {
        problem:
          value === "true" || value === "false"
            ? "must be true or false: remove the quotes"
            : "must be true or false",
      };

/** A range of source ports, `61000-65535`. Ports below 1024 belong to services. */
export const portRange: Rule<PortRange> = (value) => {
  const match = typeof value === "string" ? /^(\d+)-(\d+)$/.exec(value) : null;
  if (match === null) return { problem: 'must be a range of ports such as "61000-65535"' };
  const range = { first: Number(match[1]), last: Number(match[2]) };
  const [lowest, highest] = [Math.min(range.first, range.last), Math.max(range.first, range.last)];
  if (lowest < 1024 || highest > 65_535) return { problem: "must lie within 1024-65535" };
  if (range.first > range.last) {
    return { problem: `must begin with the lower port: ${lowest}-${highest}` };
  }
  return { value: range };
};

/** A regular expression over the names of hops, with a group called `router`; empty for none. */
export const routerPattern: Rule<string> = (value) => {
  if (typeof value !== "string") return { problem: "must be a regular expression: quote it" };
  if (value === "") return { value };
  try {
    new RegExp(value);
  } catch (error) {
    const why = String(error).split(": ").at(-1);
    return { problem: `is not a valid regular expression: ${why}` };
  }
  return value.includes("(?<router>")
    ? { value }
    : { problem: "must have a group called router, such as ^[^.]+\\.(?<router>[^.]+)\\." };
};

/** The address of a site on the web; empty for none. */
export const webAddress: Rule<string> = (value) => {
  const wrong = { problem: "must be an address such as https://grafana.example.net" };
  if (typeof value !== "string") return wrong;
  if (value === "") return { value };
  if (!URL.canParse(value)) return wrong;
  const { protocol, username, password } = new URL(value);
  if (protocol !== "http:" && protocol !== "https:") return wrong;
  return username === "" && password === ""
    ? { value }
    : { problem: "must not hold a user or password: everyone who opens the page sees it" };
};

/** An expression that node-cron takes. */
export const cronExpression: Rule<string> = (value) =>
  typeof value === "string" && isSchedule(value)
    ? { value }
    : {
        problem:
          'must be a cron expression of six fields, seconds first, such as "0 */10 * * * *" for every ten minutes',
      };
