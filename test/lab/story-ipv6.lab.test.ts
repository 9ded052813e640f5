//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r10 ── vip (2001:db8:ffff::10:3306)
//                └─ r9 ─┘
// The story over IPv6, TCP and UDP: one of 8 parallel routers breaks, and the exporter names its flows and the last
// hop, whether routers hash ports or flow labels. They rate-limit their ICMPv6 errors to one a second and asker.
import { describe, inject, it } from "vitest";
import { tellStory } from "./story-case.ts";
import { briefStory, judgeStory } from "./story-judge.ts";

/** Addresses and protocol, with ports or with the flow label (net.ipv6.fib_multipath_hash_fields). */
const FIELDS = { ports: 0x37, labels: 0x0f } as const;
const CASES = [
  { protocol: "tcp", answersFrom: "loopback", fault: "dropForward", buckets: 64, by: "ports" },
  { protocol: "tcp", answersFrom: "interface", fault: "dropEarly", buckets: 32, by: "labels" },
  { protocol: "udp", answersFrom: "loopback", fault: "dropEarly", buckets: 64, by: "ports" },
  { protocol: "udp", answersFrom: "interface", fault: "dropForward", buckets: 32, by: "ports" },
] as const;

describe.skipIf(inject("labMissing") !== "").concurrent("the story over IPv6", () => {
  it.each(CASES)(
    "finds what $fault kills among $buckets flows over $protocol, by $by, hops answering from one $answersFrom",
    async (told) => {
      const hashFields = FIELDS[told.by];
      const facts = await tellStory({ ...told, family: 6, parallel: 8, hashFields });
      judgeStory(facts);
      console.log(briefStory(facts));
    },
  );
});
