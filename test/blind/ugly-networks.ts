import { answerSeldom, silence } from "../lab/faults.ts";
import type { HealthyCase } from "../lab/healthy-cases.ts";
import type { Lab } from "../lab/lab.ts";
import { leafSpine, twoStage, unequalLengths } from "../lab/topologies.ts";
import { branches } from "./branches.ts";
import { answerAs, balanceByPacket } from "./odd-routers.ts";

const INCOMING = { hostAccess: ["client"], answersFrom: "interface" } as const;
const OUTGOING = { hostAccess: ["client"], answersFrom: "outgoing" } as const;

/** Networks that look as bad as they can while every connection works. */
export function uglyCases(): HealthyCase[] {
  return [
    {
      name: "balanced by packet over equal branches",
      topology: branches(),
      prepare: (lab) => balanceByPacket(lab, "r2", ["p1", "p2"]),
    },
    {
      name: "balanced by packet over branches of unequal length",
      topology: unequalLengths(INCOMING),
      prepare: (lab) => balanceByPacket(lab, "r1", ["a1", "b1"]),
    },
    {
      name: "every router answers one error in five seconds",
      topology: twoStage(4, 4, INCOMING),
      prepare: (lab) => onRouters(lab, (router) => ration(lab, router)),
    },
    {
      name: "the first router and half of the others are silent",
      topology: twoStage(4, 4, OUTGOING),
      prepare: (lab) =>
        Promise.all(["r1", "a1", "a2", "b3", "b4"].map((router) => silence(lab, router))),
    },
    {
      name: "the spines and the leaves of the service share an address",
      topology: leafSpine(4, 4, INCOMING),
      prepare: (lab) =>
        Promise.all(
          ["s1", "s2", "s3", "s4", "l3", "l4"].map((router) => answerAs(lab, router, "192.0.0.8")),
        ),
    },
    {
      name: "routes move between equal paths, routers answer from outgoing interfaces",
      topology: twoStage(3, 3, OUTGOING),
      flapping: "b2",
    },
    {
      name: "all of it: shared addresses, silence, rations, moving routes",
      topology: leafSpine(4, 4, OUTGOING),
      prepare: async (lab) => {
        await onRouters(lab, (router) => ration(lab, router));
        await Promise.all(["s1", "s2"].map((router) => answerAs(lab, router, "192.0.0.8")));
        await Promise.all([silence(lab, "l2"), answerSeldom(lab, "l3", 20)]);
      },
      flapping: "s3",
    },
  ];
}

function onRouters(lab: Lab, prepare: (router: string) => Promise<unknown>): Promise<unknown> {
  const routers = [...lab.topology.nodes.values()].filter(({ router }) => router);
  return Promise.all(routers.map(({ name }) => prepare(name)));
}

/** One ICMP error in five seconds to an asker. */
async function ration(lab: Lab, router: string): Promise<void> {
  await lab.exec(router, ["sh", "-c", "echo 5000 > /proc/sys/net/ipv4/icmp_ratelimit"]);
}
