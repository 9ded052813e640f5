import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { Line } from "../../bench/line.ts";
import { runLine } from "../../bench/run-line.ts";

const directory = mkdtempSync(join(tmpdir(), "run-line-"));
const EFFORT = { rounds: 2, seconds: 3, quick: true };
const LINE: Line = {
  name: "a-line",
  about: "nothing",
  limitMinutes: 1,
  run: () => Promise.reject(new Error("not in this process")),
};

/** Runs a line by a program of these statements. */
function runBy(statements: string, line = LINE) {
  const file = join(directory, `${Buffer.from(statements).toString("base64url").slice(0, 40)}.mjs`);
  writeFileSync(file, statements);
  return runLine(line, EFFORT, pathToFileURL(file));
}

describe("a line in a process of its own", () => {
  afterAll(() => rmSync(directory, { recursive: true }));

  it("is told its name and effort, and hands over its rows", async () => {
    const rows = await runBy(
      'process.send({ rows: [{ what: process.argv.slice(2).join(" "), measured: "1" }] });',
    );
    const what = "--child --rounds=2 --seconds=3 --quick a-line";
    expect(rows).toEqual([{ what, measured: "1" }]);
  });

  it("has missed its bound where it ends without rows", async () => {
    const [row] = await runBy("process.exit(3);");
    expect(row).toMatchObject({ what: "a-line", kept: false });
    expect(row?.measured).toBe("not measured: it ended without a result");
  });

  it("is ended where it takes too long", async () => {
    const [row] = await runBy("setInterval(() => {}, 1000);", { ...LINE, limitMinutes: 0.005 });
    expect(row?.measured).toBe("not measured: it was not done after 0.005 minutes");
    expect(row?.kept).toBe(false);
  });
});
