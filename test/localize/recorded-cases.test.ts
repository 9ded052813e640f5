import { expect, test } from "vitest";
import { calibrationTable, scoreTable } from "../blind/tables.ts";
import { judgeCase, recordedCases } from "../support/recorded-cases.ts";

/** One case in four, to be quick; `npm run bench:localize` judges them all. */
test("names the right places on networks of another generator", { timeout: 240_000 }, () => {
  const judged = recordedCases()
    .filter((_, index) => index % 4 === 0)
    .map((each) => [each.kind, judgeCase(each)] as const);
  const judgements = judged.map(([, judgement]) => judgement);
  console.info(`${scoreTable("kind", judged)}\n\n${calibrationTable(judgements)}`);
  const sum = { cases: 0, verdicts: 0, suspects: 0, right: 0, extra: 0, faults: 0, found: 0 };
  for (const { tally } of judgements) {
    for (const part of Object.keys(sum) as (keyof typeof sum)[]) sum[part] += tally[part];
  }
  expect(sum.verdicts / sum.cases).toBeGreaterThanOrEqual(0.99);
  expect(sum.right / sum.suspects).toBeGreaterThanOrEqual(0.94);
  expect(sum.found / sum.faults).toBeGreaterThanOrEqual(0.88);
  // One fault is one suspect.
  expect(sum.extra / sum.suspects).toBeLessThanOrEqual(0.03);
  const sure = judgements.flatMap(({ told }) => told.filter(([confidence]) => confidence >= 0.99));
  expect(sure.filter(([, right]) => right).length / sure.length).toBeGreaterThanOrEqual(0.98);
});
