import * as faults from "../lab/faults.ts";
import type { Lab } from "../lab/lab.ts";
import { leafSpine, story, twoStage, VIP, vipOf } from "../lab/topologies.ts";
import { interfaceTo } from "../lab/topology.ts";
import { branches } from "./branches.ts";
import { addressesOf, dropAllButFirst, limitTo } from "./link-faults.ts";
import { answerAs, balanceByPacket } from "./odd-routers.ts";
import type { PlaceCase } from "./place-case.ts";

const OPTIONS = { hostAccess: ["client"], answersFrom: "interface" } as const;
const SIX = { ...OPTIONS, family: 6 } as const;

/** Networks with one oddity each and something broken, but for the last, in which the endpoint itself is the limit. */
export function oddCases(): PlaceCase[] {
  const dead = { verdicts: ["path_fault"], kills: true, watchMs: 60_000 };
  const one = { places: ["router", "link"] };
  const all = (router: string) => (lab: Lab) => addressesOf(lab, router);
  return [
    {
      ...dead,
      ...one,
      name: "a whole stage answers with the target's address, a router behind it is dead",
      topology: twoStage(3, 4, OPTIONS),
      prepare: (lab) => each(["a1", "a2", "a3"], (router) => answerAs(lab, router, VIP)),
      breaks: (lab) => faults.dropForward(lab, "b2"),
      names: all("b2"),
    },
    {
      ...dead,
      ...one,
      name: "the same over IPv6, by the router before the last",
      topology: leafSpine(4, 4, SIX),
      prepare: (lab) => each(["l3", "l4"], (router) => answerAs(lab, router, vipOf(SIX))),
      breaks: (lab) => faults.dropForward(lab, "s1"),
      names: all("s1"),
    },
    {
      ...dead,
      ...one,
      name: "a router passes SYN and drops what follows, leaf-spine",
      topology: leafSpine(4, 4, OPTIONS),
      breaks: (lab) => dropAllButFirst(lab, "s3"),
      names: all("s3"),
    },
    {
      ...dead,
      ...one,
      name: "a router passes SYN and drops what follows, IPv6",
      topology: twoStage(2, 4, SIX),
      breaks: (lab) => dropAllButFirst(lab, "b4"),
      names: all("b4"),
    },
    {
      ...dead,
      ...one,
      name: "first and last router answer with one address",
      topology: twoStage(3, 4, OPTIONS),
      prepare: (lab) => each(["r1", "r2"], (router) => answerAs(lab, router, "10.99.0.1")),
      breaks: (lab) => faults.dropForward(lab, "a3"),
      names: all("a3"),
    },
    {
      ...dead,
      ...one,
      name: "each router of one path answers with one address, the path dies in the middle",
      topology: leafSpine(4, 4, OPTIONS),
      prepare: (lab) => each(["l1", "s4", "l4"], (router) => answerAs(lab, router, "192.0.0.8")),
      breaks: (lab) => faults.dropForward(lab, "s2"),
      names: all("s2"),
    },
    {
      name: "a router balances by packet, one of its two branches is dead",
      topology: branches(),
      prepare: (lab) => balanceByPacket(lab, "r2", ["p1", "p2"]),
      breaks: (lab) => faults.dropForward(lab, "p2"),
      verdicts: ["path_loss"],
      ...one,
      // It answers as before: what falls silent is the far end of its link.
      names: (lab) => [...all("p2")(lab), interfaceTo(lab.topology, "r3", "p2").address],
      learnsMs: 60_000,
      watchMs: 75_000,
    },
    {
      name: "a router balances by packet, one of its two branches is dead and silent",
      topology: branches(),
      prepare: (lab) => balanceByPacket(lab, "r2", ["p1", "p2"]),
      breaks: (lab) => faults.dropEarly(lab, "p2"),
      verdicts: ["path_loss"],
      ...one,
      names: all("p2"),
      learnsMs: 60_000,
      watchMs: 75_000,
    },
    {
      name: "the last router lets 4 SYN a second through",
      topology: story(4, OPTIONS),
      breaks: (lab) => limitTo(lab, "r6", 4),
      verdicts: ["path_loss", "indeterminate", "healthy"],
      places: ["endpoint"],
      watchMs: 110_000,
    },
  ];
}

async function each(
  routers: readonly string[],
  prepare: (router: string) => Promise<unknown>,
): Promise<void> {
  await Promise.all(routers.map(prepare));
}
