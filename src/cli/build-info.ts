import { readFileSync } from "node:fs";

/** Which build this is. */
export interface BuildInfo {
  readonly version: string;
  /** Commit the build was made from; `unknown` outside a repository. */
  readonly revision: string;
}

/** Reads what the build wrote beside the compiled program; run from source, the package's version alone. */
export function readBuildInfo(): BuildInfo {
  const built = readJson(new URL("../build-info.json", import.meta.url));
  if (typeof built?.["version"] === "string" && typeof built["revision"] === "string") {
    return { version: built["version"], revision: built["revision"] };
  }
  const version = readJson(new URL("../../package.json", import.meta.url))?.["version"];
  return { version: typeof version === "string" ? version : "unknown", revision: "unknown" };
}

function readJson(url: URL): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(url, "utf8"));
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
