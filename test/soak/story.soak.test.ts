// The stories that `npm test` leaves out, over TCP and UDP.
import { describe, inject, it } from "vitest";
import { inEveryTest, storyCases, tellStory } from "../lab/story-case.ts";
import { briefStory, judgeStory } from "../lab/story-judge.ts";

const CASES = [
  ...storyCases({ protocol: "tcp", answersFrom: "loopback" }),
  ...storyCases({ protocol: "udp", answersFrom: "interface" }),
].filter((told) => !inEveryTest(told));

describe.skipIf(inject("labMissing") !== "").concurrent("the other stories", () => {
  it.each(CASES)(
    "over $protocol finds what $fault kills among $buckets flows over $parallel routers",
    async (told) => {
      const facts = await tellStory(told);
      judgeStory(facts);
      console.log(briefStory(facts));
    },
  );
});
