import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readBuildInfo } from "../../src/cli/build-info.ts";

it("a program run from its source has the package's version and no revision", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(readBuildInfo()).toEqual({ version, revision: "unknown" });
});
