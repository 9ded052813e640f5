import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { parseCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";

/** What flows showed on Linux routers between network namespaces, and the places that are right to suspect. */
interface RouterCase {
  readonly what: string;
  readonly right: readonly string[];
  /** `path_fault` where left out. */
  readonly verdict?: string;
  readonly case: unknown;
}

const FILE = new URL("../fixtures/router-cases.jsonl.gz", import.meta.url);
const cases = gunzipSync(readFileSync(FILE))
  .toString()
  .split("\n")
  .filter((line) => line !== "")
  .map((line): RouterCase => JSON.parse(line));

test.each(cases)(
  "$what: the one suspect is $right",
  ({ right, verdict: expected = "path_fault", case: recorded }) => {
    const { verdict, suspects } = localize(parseCase(JSON.stringify(recorded)));
    expect(verdict).toBe(expected);
    expect(suspects.map(({ place, name }) => `${place} ${name}`)).toEqual(right);
  },
);
