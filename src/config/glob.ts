import { basename, dirname } from "node:path";
import type { Rule } from "./rules.ts";

/** A glob of target files: `*` in the last segment only, so that one watched directory shows every change. */
export const globRule: Rule<string> = (value) => {
  if (typeof value !== "string" || value === "" || value.includes("\0")) {
    return { problem: "must be the name of a file" };
  }
  if (dirname(value).includes("*")) return { problem: "must have * in its last segment only" };
  if (!/\.(?:ya?ml|json)$/.test(value)) return { problem: "must end in .yml, .yaml or .json" };
  return { value };
};

/**
 * Whether a glob means the file of this name in its directory; `*` stands for any text. Hidden files are meant only by a
 * glob that begins with a dot: editors and atomic writers keep their half-written files under such names.
 */
export function matchesGlob(glob: string, name: string): boolean {
  const pattern = basename(glob);
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
}
