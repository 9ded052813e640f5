import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parseCase } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import type { JudgedCase } from "../blind/blind-case.ts";
import { type Judgement, judge } from "../blind/score.ts";

/**
 * 380 networks with their truth, 20 of each of 19 kinds, from a generator that was written apart from this project's
 * own: another way to lay out networks, to answer expired probes and to lose packets. Constants are not to be fitted to it.
 */
const FILE = new URL("../fixtures/localize-cases.jsonl.gz", import.meta.url);

/** Reads the recorded cases. @param file where they lie, for programs that are not run from their source */
export function recordedCases(file: string | URL = FILE): JudgedCase[] {
  const lines = gunzipSync(readFileSync(file)).toString().split("\n");
  return lines.filter((line) => line !== "").map((line) => widened(JSON.parse(line)));
}

/**
 * The truth names the next hop that answers, however many silent ones stand between; a suspect ends at the silent hop. Where a
 * flow shows silence there, "behind this hop" is the same place.
 */
function widened(judged: JudgedCase): JudgedCase {
  const { flows } = judged.case;
  const faults = judged.truth.faults.map((fault) => {
    const silent = fault.links.filter(([from, to]) =>
      fault.flows.some((index) => {
        const hops = flows[index]?.path ?? flows[index]?.seen ?? [];
        const at = from === null ? -1 : hops.indexOf(from);
        const reached = from === null || at >= 0;
        return reached && hops[at + 1] === null && (to === null || hops.indexOf(to) > at + 1);
      }),
    );
    const more = silent.map(([from]) => [from, null] as const);
    return { ...fault, links: [...fault.links, ...more] };
  });
  return { ...judged, truth: { ...judged.truth, faults } };
}

/** Localises a case and judges the answer. */
export function judgeCase(judged: JudgedCase): Judgement {
  return judge(judged, localize(parseCase(JSON.stringify(judged.case))));
}
