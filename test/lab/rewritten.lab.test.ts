//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip
//                ├─ r4 ─┤
//                └─ r5 ─┘
// Packets that something on the way or the service itself writes anew, which connections do not notice: everything is
// answered, and a router that breaks is the one suspect.
import { describe, inject, it } from "vitest";
import { brokenWhereRewritten, noEcho, otherSequenceNumbers } from "./rewritten.ts";

const WITHIN_MS = 60_000;

describe.skipIf(inject("labMissing") !== "").concurrent.each([
  { family: 4, answersFrom: "interface" },
  { family: 6, answersFrom: "outgoing" },
] as const)("written anew over IPv$family, answers from $answersFrom:", (options) => {
  it("sequence numbers, in quotes too", () =>
    brokenWhereRewritten(options, "tcp", otherSequenceNumbers, WITHIN_MS));

  it("the timestamp that is echoed", () => brokenWhereRewritten(options, "tcp", noEcho, WITHIN_MS));
});
