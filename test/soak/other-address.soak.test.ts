//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip
//                ├─ r4 ─┤
//                └─ r5 ─┘
// UDP without a payload to a closed port, whose host answers once a second, under another address of its own.
import { describe, inject, it } from "vitest";
import { brokenWhereRewritten, otherAddress } from "../lab/rewritten.ts";

/** A round of 24 flows at one answer a second, and what is lost of it while the limit is being learnt. */
const WITHIN_MS = 200_000;

describe.skipIf(inject("labMissing") !== "").concurrent.each([
  { family: 4, answersFrom: "interface" },
  { family: 6, answersFrom: "outgoing" },
] as const)("port-unreachable over IPv$family, answers from $answersFrom", (options) => {
  it("comes from another address: it is an answer, and a broken router is the one suspect", () =>
    brokenWhereRewritten(options, "udp", otherAddress, WITHIN_MS));
});
