import assert from "node:assert/strict";
import { showRows } from "./flow-rows.ts";
import type { StoryFacts } from "./story-case.ts";

const FOUND_WITHIN_MS = 45_000;

/** Holds what was seen in one telling of the story against the contract. @throws AssertionError with the tables */
export function judgeStory(facts: StoryFacts): void {
  const { destination, truth, trueHop, healthy, broken, healed, later } = facts;
  const stages = { healthy, broken, healed, later };
  const story = Object.entries(stages).map(([name, rows]) => `${name}:\n${showRows(rows)}`);
  const log = `\nthe broken router saw ${truth.join(" ")}; true last hop ${trueHop}; invalid probes: ${facts.invalid}\n${story.join("\n")}`;
  const hold = (held: boolean, sentence: string) => assert.ok(held, `${sentence}${log}`);

  hold(
    healthy.every((row) => row.failures === 0 && row.lastHop === destination),
    "a healthy flow has no failure, and the destination is its last hop",
  );
  hold(truth.length > 0 && truth.length < broken.length, "some flows cross the broken router");
  const failing = broken.filter((row) => !row.up);
  assert.deepEqual(
    failing.map((row) => row.sourcePort).sort((a, b) => a - b),
    truth,
    `failing source ports are those the broken router saw${log}`,
  );
  hold(
    failing.every((row) => row.lastHop === trueHop),
    "every failing flow has the true last hop",
  );
  hold(
    facts.foundAfterMs <= FOUND_WITHIN_MS,
    `found within ${FOUND_WITHIN_MS} ms, took ${Math.round(facts.foundAfterMs)}`,
  );
  hold(
    later.every((row) => truth.includes(row.sourcePort) === row.failures > 0),
    "the flows of the broken router failed, and no other ever",
  );
  hold(
    later.every((row, index) => row.up && row.failures === healed[index]?.failures),
    "after healing nothing fails any more",
  );
  hold(
    later.every((row) => row.lastHop === destination),
    "after healing the destination is the last hop",
  );
}

/** What was seen, in a line for the log of a good run. */
export function briefStory(facts: StoryFacts): string {
  const { truth, broken, trueHop, foundAfterMs, healedAfterMs } = facts;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return `${truth.length} of ${broken.length} flows at ${trueHop} after ${seconds(foundAfterMs)} s, healed after ${seconds(healedAfterMs)} s, ${facts.invalid} probes invalid`;
}
