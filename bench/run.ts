import { cpus } from "node:os";
import { sweepLeftovers } from "../test/lab/namespaces.ts";
import { type Asked, readArguments, USAGE } from "./arguments.ts";
import type { Row } from "./line.ts";
import { LINES } from "./lines.ts";
import { tableHead, tableRow } from "./markdown.ts";
import { pressureSeconds } from "./process-cost.ts";
import { failed, runLine } from "./run-line.ts";

/** `npm run bench`: measures the lines one after the other and prints the table. Needs root and cc. */
async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  let asked: Asked;
  try {
    asked = readArguments(process.argv.slice(2), LINES);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  if (asked.list) {
    for (const { name, about } of LINES) console.log(`${name.padEnd(12)} ${about}`);
    return 0;
  }
  if (process.getuid?.() !== 0) {
    console.error("bench: it builds network namespaces, so it needs root");
    return 2;
  }
  return asked.child ? await measureOne(asked) : await measureAll(asked);
}

async function measureAll({ lines, effort }: Asked): Promise<number> {
  const { rounds, seconds, quick } = effort;
  sweepLeftovers();
  console.log(
    `${lines.length} lines, medians of ${rounds} runs of ${seconds} s${quick ? ", quick: the figures say little" : ""}; ` +
      `Node.js ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? "processor"}\n\n${tableHead()}`,
  );
  const missed: string[] = [];
  const waited: string[] = [];
  for (const line of lines) {
    const [from, pressure] = [performance.now(), pressureSeconds()];
    const rows = await runLine(line, effort, new URL(import.meta.url));
    for (const row of rows) console.log(tableRow(row));
    const took = (performance.now() - from) / 1000;
    waited.push(
      `${line.name} ${took.toFixed(0)} s (${((100 * (pressureSeconds() - pressure)) / took).toFixed(0)} %)`,
    );
    if (rows.some(({ kept }) => kept === false)) missed.push(line.name);
  }
  console.log(
    `\nTime of each line, and how much of it somebody waited for a processor: ${waited.join(", ")}.`,
  );
  console.log(missed.length > 0 ? `Missed a bound: ${missed.join(", ")}.` : "All bounds kept.");
  return missed.length > 0 ? 1 : 0;
}

/** In a process of its own: hands the rows to the one that started it. */
async function measureOne({ lines, effort }: Asked): Promise<number> {
  const [line] = lines;
  if (line === undefined || process.send === undefined) return 2;
  // Whoever started it is gone: what it built is removed as it exits.
  process.once("disconnect", () => process.exit(1));
  let rows: readonly Row[];
  try {
    rows = await line.run(effort);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    rows = [failed(line, text.replaceAll("\n", " ").slice(0, 600))];
  }
  const send = process.send.bind(process);
  await new Promise((resolve) => send({ rows }, resolve));
  return 0;
}

process.exit(await main());
