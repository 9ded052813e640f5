/**
 * What a part of a document may look like: a name of a type, a pattern for text, a list of what its members look like, or the
 * keys that it may have (a key that must be there ends in "!"; "*" stands for any other).
 */
export type Shape = "text" | "whole" | "flag" | "any" | RegExp | readonly [Shape] | Keys;

/** Keys of a mapping. */
export interface Keys {
  readonly [key: string]: Shape;
}

/** Everything in `value` that is not as `shape` says, one sentence each, `spec.ports[0].port is no whole number`. */
export function misfits(value: unknown, shape: Shape, path = ""): string[] {
  const at = path === "" ? "the document" : path;
  if (shape === "any") return [];
  if (shape === "text") return typeof value === "string" ? [] : [`${at} is no text`];
  if (shape === "flag")
    return typeof value === "boolean" ? [] : [`${at} is neither true nor false`];
  if (shape === "whole") return Number.isInteger(value) ? [] : [`${at} is no whole number`];
  if (shape instanceof RegExp) {
    return shape.test(String(value)) ? [] : [`${at} is ${String(value)}, not like ${shape}`];
  }
  if (isList(shape)) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((member, i) => misfits(member, shape[0], `${path}[${i}]`));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${at} is no mapping`];
  }
  const missing = Object.keys(shape)
    .filter((key) => key.endsWith("!") && !(key.slice(0, -1) in value))
    .map((key) => `${at} lacks ${key.slice(0, -1)}`);
  const wrong = Object.entries(value).flatMap(([key, member]) => {
    const expected = shape[key] ?? shape[`${key}!`] ?? shape["*"];
    const below = path === "" ? key : `${path}.${key}`;
    return expected === undefined ? [`${below} is no key there`] : misfits(member, expected, below);
  });
  return [...missing, ...wrong];
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
