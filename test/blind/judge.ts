import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { type Random, seeded } from "../support/random.ts";
import { drawCase, type JudgedCase } from "./blind-case.ts";
import { drawGrownCase } from "./grown-case.ts";
import { GROWN_KINDS } from "./grown-kinds.ts";
import { KINDS } from "./kinds.ts";
import { drawPlainCase } from "./plain-case.ts";
import { PLAIN_KINDS } from "./plain-faults.ts";
import { type Answer, judge } from "./score.ts";
import { calibrationTable, scoreTable } from "./tables.ts";

/**
 * Judges `npm run localize`, from outside, on generated networks or on a file of cases with their truth.
 * `--each` cases of every kind (40), `--kind` one kind only, `--plain` the fourth generator in place of the third, `--grown` the fifth, `--seed` (the clock's), `--cases` a file of cases
 * (.jsonl or .jsonl.gz) in place of generated ones, `--write` the cases to a file as well, `--wrong` prints what is wrong.
 */
const { values } = parseArgs({
  options: {
    each: { type: "string", default: "40" },
    kind: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    plain: { type: "boolean", default: false },
    grown: { type: "boolean", default: false },
    cases: { type: "string" },
    write: { type: "string" },
    wrong: { type: "boolean", default: false },
  },
});

const cases = values.cases === undefined ? generated() : recorded(values.cases);
if (values.write !== undefined) {
  writeFileSync(values.write, cases.map((each) => `${JSON.stringify(each)}\n`).join(""));
}
const judged = answers(cases).map((answer, index) => {
  const each = cases[index] as JudgedCase;
  const judgement = judge(each, answer);
  const { right, suspects, found, faults, verdicts } = judgement.tally;
  if (values.wrong && (right < suspects || found < faults || verdicts === 0)) {
    const { verdicts: expected, faults: broken, world } = each.truth;
    console.log(JSON.stringify({ index, kind: each.kind, world, expected, broken, answer }));
  }
  return { each, judgement };
});
console.log(
  scoreTable(
    "kind",
    judged.map(({ each, judgement }) => [each.kind, judgement]),
  ),
);
for (const trait of ["fabric", "world", "hash"]) {
  const rows = judged.flatMap(({ each, judgement }) => {
    const value = each.truth.world?.[trait];
    return value === undefined ? [] : [[value, judgement] as const];
  });
  if (rows.length > 0) console.log(`\n${scoreTable(trait, rows)}`);
}
console.log(`\n${calibrationTable(judged.map(({ judgement }) => judgement))}`);

function generated(): JudgedCase[] {
  const random = seeded(Number(values.seed));
  console.log(`${values.each} networks of each kind, seed ${values.seed}\n`);
  return draws(random)
    .filter(([name]) => values.kind === undefined || values.kind === name)
    .flatMap(([, draw]) => Array.from({ length: Number(values.each) }, draw));
}

/** The kinds of the generator that is asked for, and what draws a case of each. */
function draws(random: Random): [string, () => JudgedCase][] {
  if (values.grown) {
    return Object.entries(GROWN_KINDS).map(([name, kind]) => [
      name,
      () => drawGrownCase(name, kind, random),
    ]);
  }
  if (values.plain) {
    return Object.entries(PLAIN_KINDS).map(([name, kind]) => [
      name,
      () => drawPlainCase(name, kind, random),
    ]);
  }
  return Object.entries(KINDS).map(([name, kind]) => [name, () => drawCase(name, kind, random)]);
}

function recorded(file: string): JudgedCase[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JudgedCase);
}

/** What the program says of each case. @throws Error where it does not answer every line */
function answers(cases: readonly JudgedCase[]): Answer[] {
  const input = cases.map((each) => `${JSON.stringify(each.case)}\n`).join("");
  const { stdout, stderr, status } = spawnSync("npm", ["run", "-s", "localize"], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  if (status !== 0 || lines.length !== cases.length) {
    throw new Error(`${lines.length} answers to ${cases.length} cases: ${stderr}`);
  }
  return lines.map((line) => JSON.parse(line) as Answer);
}
