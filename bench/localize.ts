import { localize } from "../src/localize/localize.ts";
import { drawCase } from "../test/blind/blind-case.ts";
import { KINDS } from "../test/blind/kinds.ts";
import { calibrationTable, scoreTable } from "../test/blind/tables.ts";
import { FAULT_KINDS, generateCase } from "../test/support/generated-case.ts";
import { seeded } from "../test/support/random.ts";
import { judgeCase, recordedCases } from "../test/support/recorded-cases.ts";
import { Score } from "../test/support/score.ts";

/**
 * Prints precision, recall and right verdicts by kind of fault on generated networks, and the time a case takes;
 * then the same on the recorded networks of a second generator and on drawn ones of a third, with a table of how often a suspect of
 * a given confidence is right. All of them are generated; none is a production network.
 * Arguments: cases of each kind (100), oddities of the networks, 0 to 1 (0), seed (the clock's).
 */
const each = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[4] ?? Date.now() % 1_000_000);
const oddities = Number(process.argv[3] ?? 0);
const random = seeded(seed);
const score = new Score();
const times = new Map<string, number[]>();
for (let i = 0; i < each; i++) {
  for (const kind of FAULT_KINDS) {
    const generated = generateCase(kind, random, oddities);
    const start = performance.now();
    const answer = localize(generated.input);
    const taken = performance.now() - start;
    times.set(kind, [...(times.get(kind) ?? []), taken]);
    score.add(generated, answer);
  }
}
console.log(`${each} cases of each kind, oddities ${oddities}, seed ${seed}`);
console.log(score.table());
const all = [...times.values()].flat().sort((a, b) => a - b);
const mean = all.reduce((sum, time) => sum + time, 0) / all.length;
console.log(
  `ms a case: mean ${mean.toFixed(2)}, median ${all[all.length >> 1]?.toFixed(2)}, p99 ${all[Math.floor(all.length * 0.99)]?.toFixed(2)}, longest ${all.at(-1)?.toFixed(2)}`,
);
for (const [kind, list] of times) {
  const sum = list.reduce((total, time) => total + time, 0);
  console.log(`  ${kind.padEnd(20)} mean ${(sum / list.length).toFixed(2)} ms`);
}

const recorded = recordedCases("test/fixtures/localize-cases.jsonl.gz");
const blind = Object.entries(KINDS).flatMap(([name, kind]) =>
  Array.from({ length: Math.ceil(each / 5) }, () => drawCase(name, kind, random)),
);
for (const [title, cases] of [
  ["second generator, recorded", recorded],
  ["third generator, drawn", blind],
] as const) {
  const judged = cases.map((one) => [one.kind, judgeCase(one)] as const);
  console.log(`\n${title}\n${scoreTable("kind", judged)}`);
  console.log(calibrationTable(judged.map(([, judgement]) => judgement)));
}
