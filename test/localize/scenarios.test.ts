import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { readScenario } from "../support/scenario.ts";

const folder = new URL("../fixtures/scenarios/", import.meta.url);

describe("localize", () => {
  test.each(readdirSync(folder).sort())("finds in %s what the file expects", (file) => {
    const { input, verdict, suspects } = readScenario(readFileSync(new URL(file, folder), "utf8"));
    const answer = localize(input);
    const named = answer.suspects.map(
      ({ from, to, segment }) => `${from ?? "*"} > ${to ?? "*"} ${segment}`,
    );
    expect({ verdict: answer.verdict, suspects: named.sort() }).toEqual({ verdict, suspects });
  });
});
