//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r6 or r10 ── vip (192.0.2.10:3306, UDP)
//                └ r5/9 ┘
// The story: one of 4 or 8 parallel routers breaks, and the exporter names its flows and the last hop.
// Every router answers from the interface a packet came in by.
import { describe, inject, it } from "vitest";
import { inEveryTest, storyCases, tellStory } from "./story-case.ts";
import { briefStory, judgeStory } from "./story-judge.ts";

const CASES = storyCases({ protocol: "udp", answersFrom: "interface" }).filter(inEveryTest);

describe.skipIf(inject("labMissing") !== "").concurrent("the story over UDP", () => {
  it.each(CASES)(
    "finds what $fault kills among $buckets flows over $parallel routers",
    async (told) => {
      const facts = await tellStory(told);
      judgeStory(facts);
      console.log(briefStory(facts));
    },
  );
});
