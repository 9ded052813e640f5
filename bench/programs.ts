import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where Debian puts programs that only root needs, which the PATH of others may lack. */
const ADMINISTRATION = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Whether a program can be called by its name. */
export function isInstalled(command: string): boolean {
  const path = (process.env["PATH"] ?? "").split(":");
  return [...path, ...ADMINISTRATION].some((directory) => existsSync(join(directory, command)));
}
