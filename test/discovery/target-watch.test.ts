import { mkdir, mkdtemp, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type TargetWatch,
  type WatchTimes,
  watchTargetFiles,
} from "../../src/discovery/target-watch.ts";

let folder = "";
let watch: TargetWatch | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ecmp-watch-"));
});
afterEach(async () => {
  watch?.close();
  await rm(folder, { recursive: true });
});

/** Events alone: the rescan is an hour away. */
const EVENTS: WatchTimes = { debounceMs: 20, rescanMs: 3_600_000 };
/** The rescan alone: an event is acted upon in an hour. */
const RESCAN: WatchTimes = { debounceMs: 3_600_000, rescanMs: 20 };

/** Begins a watch; the promise is the next change. */
function nextChange(times: WatchTimes, glob = "*.yml"): Promise<void> {
  return new Promise((changed) => {
    watch = watchTargetFiles([join(folder, glob)], changed, times);
  });
}

describe.each([
  ["events", EVENTS],
  ["the rescan", RESCAN],
])("%s alone", (_, times) => {
  test.each([
    ["a new file", (path: string) => writeFile(`${path}.new.yml`, "[]")],
    ["a file written again with the same length", (path: string) => writeFile(path, "[ ]")],
    ["a truncated file", (path: string) => truncate(path, 0)],
    ["a removed file", (path: string) => rm(path)],
    [
      "an atomic rename",
      (path: string) => writeFile(`${path}.tmp`, "[]").then(() => rename(`${path}.tmp`, path)),
    ],
    ["a time set back", (path: string) => utimes(path, 1, 1)],
  ])("show %s", async (_, change) => {
    const path = join(folder, "a.yml");
    await writeFile(path, "[{}");
    const changed = nextChange(times);
    await change(path);
    await expect(changed).resolves.toBeUndefined();
  });
});

test("a folder that is made later is watched from then on", async () => {
  const changed = nextChange({ debounceMs: 20, rescanMs: 20 }, "later/*.yml");
  await mkdir(join(folder, "later"));
  await writeFile(join(folder, "later/a.yml"), "[]");
  await expect(changed).resolves.toBeUndefined();
});

test("files that the glob does not mean, and what was there before, are no change", async () => {
  await writeFile(join(folder, "a.yml"), "[]");
  let changes = 0;
  const seen = new Promise<void>((done) => {
    watch = watchTargetFiles(
      [join(folder, "*.yml")],
      () => {
        changes++;
        done();
      },
      EVENTS,
    );
  });
  await writeFile(join(folder, "notes.txt"), "x");
  await writeFile(join(folder, ".hidden.yml"), "x");
  await writeFile(join(folder, "b.yml"), "[]");
  await seen;
  expect(changes).toBe(1);
});

test("a closed watch is silent", async () => {
  let closedChanges = 0;
  const closed = watchTargetFiles([join(folder, "*.yml")], () => closedChanges++, EVENTS);
  closed.close();
  closed.close();
  const changed = nextChange(EVENTS);
  await writeFile(join(folder, "a.yml"), "[]");
  await changed;
  expect(closedChanges).toBe(0);
});
