import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const ROOT = new URL("../../", import.meta.url);

/** The absolute path of a file of this package. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, ROOT));
}

/** Whether this package has a file or directory. */
export function exists(file: string): boolean {
  return existsSync(pathOf(file));
}

/** The text of a file of this package. */
export function read(file: string): string {
  return readFileSync(pathOf(file), "utf8");
}

/** A YAML file of this package; mistakes in it, double keys for one, throw. */
export function readYaml<T = unknown>(file: string): T {
  return parse(read(file), { merge: true }) as T;
}
