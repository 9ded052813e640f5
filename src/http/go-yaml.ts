import type { Rule } from "../config/rules.ts";

/** What Go's YAML library takes for true and false, in YAML 1.1's words. */
const TRUE: ReadonlySet<unknown> = new Set(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"]);
const FALSE: ReadonlySet<unknown> = new Set(["n", "N", "no", "No", "NO", "off", "Off", "OFF"]);

/** `true` or `false`, also as `yes` and `no`: files that work elsewhere with this format work here. */
export const goFlag: Rule<boolean> = (value) => {
  if (typeof value === "boolean") return { value };
  if (TRUE.has(value)) return { value: true };
  if (FALSE.has(value)) return { value: false };
  return { problem: "must be true or false" };
};

/** Text; a number without quotes stands for its digits. */
export const goText: Rule<string> = (value) => {
  if (typeof value === "string") return { value };
  return typeof value === "number" ? { value: String(value) } : { problem: "must be text" };
};
