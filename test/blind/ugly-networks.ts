import { answerSeldom, silence } from "../lab/faults.ts";
import type { HealthyCase } from "../lab/healthy-cases.ts";
import type { Lab } from "../lab/lab.ts";
import { leafSpine, story, twoStage, unequalLengths, VIP } from "../lab/topologies.ts";
import { defineLab, interfaceTo, type Topology } from "../lab/topology.ts";
import { branches } from "./branches.ts";
import { answerAs, balanceByPacket } from "./odd-routers.ts";

const INCOMING = { hostAccess: ["client"], answersFrom: "interface" } as const;
const OUTGOING = { hostAccess: ["client"], answersFrom: "outgoing" } as const;
/** Another address of the service's node. */
const SERVER = "192.0.2.20";

/**
 * Networks that look as bad as they can while every connection works. That connections of this host take another way than raw packets, by a rule
 * for their port, is a limit (docs/limits.md) that `doctor` finds and no verdict can.
 */
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
      prepare: (lab) => onRouters(lab, (router) => limitErrors(lab, router)),
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
      name: "the last router translates both addresses and the source port",
      topology: translated(),
      prepare: (lab) => translate(lab, "r6"),
    },
    {
      name: "the last router translates to a server by hash, ports rotate",
      topology: translated(),
      prepare: (lab) => translate(lab, "r6"),
      probe: { rotation: "*/40 * * * * *" },
      trace: { survey: "*/20 * * * * *" },
    },
    {
      name: "all of it: shared addresses, silence, rate limits, moving routes",
      topology: leafSpine(4, 4, OUTGOING),
      prepare: async (lab) => {
        await onRouters(lab, (router) => limitErrors(lab, router));
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
async function limitErrors(lab: Lab, router: string): Promise<void> {
  await lab.exec(router, ["sh", "-c", "echo 5000 > /proc/sys/net/ipv4/icmp_ratelimit"]);
}

/** Of the service's two addresses probes are meant for one, and its node is asked by the other. */
function translated(): Topology {
  const { spec } = story(4, INCOMING);
  return defineLab({
    ...spec,
    name: "translated",
    nodes: { ...spec.nodes, vip: { services: [VIP, SERVER] } },
  });
}

async function translate(lab: Lab, router: string): Promise<void> {
  const own = interfaceTo(lab.topology, router, "vip").address;
  await lab.nft(
    router,
    `table ip ecl_nat {
  chain to { type nat hook prerouting priority -100; ip daddr ${VIP} dnat to ${SERVER}; }
  chain from { type nat hook postrouting priority 100; ip daddr ${SERVER} meta l4proto tcp ct status dnat snat to ${own}:20000-60000 fully-random; }
}\n`,
  );
}
