import { table } from "../soak/table.ts";
import { emptyTally, type Judgement, type Tally } from "./score.ts";

const HEADS = "cases,precision,recall,verdict,suspects,extra,faults,place,name".split(",");
const STEPS = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.01];

/** Adds judgements up by a key, such as the kind, and prints a row for each and for all. */
export function scoreTable(
  title: string,
  judged: readonly (readonly [key: string, judgement: Judgement])[],
): string {
  const tallies = new Map<string, Tally>();
  for (const [key, { tally }] of judged) {
    for (const name of [key, "all"]) {
      const sum = tallies.get(name) ?? emptyTally();
      for (const part of Object.keys(sum) as (keyof Tally)[]) sum[part] += tally[part];
      tallies.set(name, sum);
    }
  }
  const all = tallies.get("all");
  tallies.delete("all");
  const rows = [...tallies].sort(([a], [b]) => (a < b ? -1 : 1));
  if (all !== undefined) rows.push(["all", all]);
  return table(
    [title, ...HEADS],
    rows.map(([key, sum]) => [key, ...cells(sum)]),
  );
}

/** Of the suspects told with a confidence in each interval: how many are right. */
export function calibrationTable(judgements: readonly Judgement[]): string {
  const told = judgements.flatMap((each) => each.told);
  const rows = STEPS.slice(0, -1).map((least, index) => {
    const most = STEPS[index + 1] ?? 2;
    const within = told.filter(([confidence]) => confidence >= least && confidence < most);
    const right = within.filter(([, yes]) => yes).length;
    const mean = within.reduce((sum, [confidence]) => sum + confidence, 0) / within.length;
    return [`${least} and more`, within.length, ratio(mean, 1), ratio(right, within.length)];
  });
  return table(["confidence", "suspects", "said on average", "right"], rows);
}

function cells(sum: Tally): string[] {
  return [
    String(sum.cases),
    ratio(sum.right, sum.suspects),
    ratio(sum.found, sum.faults),
    ratio(sum.verdicts, sum.cases),
    String(sum.suspects),
    String(sum.extra),
    String(sum.faults),
    ratio(sum.places, sum.placed),
    ratio(sum.names, sum.placed),
  ];
}

function ratio(part: number, whole: number): string {
  return whole === 0 || Number.isNaN(part) ? "-" : (part / whole).toFixed(3);
}
