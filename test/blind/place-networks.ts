import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as faults from "../lab/faults.ts";
import type { Lab } from "../lab/lab.ts";
import { leafSpine, twoStage } from "../lab/topologies.ts";
import { interfaceTo, type LabSpec, type Topology } from "../lab/topology.ts";
import { inventoryOf } from "./inventory.ts";
import { addressesOf, breakLink, breakMember, returnLoss } from "./link-faults.ts";
import type { PlaceCase } from "./place-case.ts";

/** Whose address an expired TTL is answered with. */
export type AnswersFrom = Exclude<NonNullable<LabSpec["answersFrom"]>, "loopback">;

/** A network with the routers that are broken in it. */
interface Parts {
  readonly network: string;
  readonly topology: Topology;
  /** A router with several links in and out, one of those that lead to it, and one that replies cross. */
  readonly router: string;
  readonly before: string;
  readonly back: string;
}

const DEAD_MS = 60_000;
const LOSSY_MS = 100_000;
/** By then it is known which addresses share a limit of ICMP errors. */
const ALIASES_MS = 200_000;
const BEHIND = ["return", "endpoint", "beyond"];

/**
 * Leaf-spine and two stages, each with every fault, in a world of answers.
 * @param inventory whether an inventory says whose the addresses are
 */
export function placeCases(answersFrom: AnswersFrom, inventory = false): PlaceCase[] {
  const options = { hostAccess: ["client"], answersFrom } as const;
  return [
    casesOf(
      {
        network: "leaf-spine",
        topology: leafSpine(4, 4, { ...options, seed: 3 }),
        router: "s2",
        before: "l1",
        back: "s3",
      },
      answersFrom,
    ),
    casesOf(
      {
        network: "two stages",
        topology: twoStage(4, 4, { ...options, seed: 5 }),
        router: "b3",
        before: "a2",
        back: "a4",
      },
      answersFrom,
    ),
  ]
    .flat()
    .map((told) => {
      if (inventory) return withInventory(told);
      return answersFrom === "outgoing" ? { ...told, learnsMs: ALIASES_MS } : told;
    });
}

/** The same where an inventory names the routers: a link is called by its far end then, and a router by its name. */
function withInventory(told: PlaceCase): PlaceCase {
  const { names } = told;
  return {
    ...told,
    name: told.name.replace(":", " and an inventory:"),
    ...(names && {
      names: (lab) => {
        const addresses = names(lab);
        const named = inventoryOf(lab).filter((router) =>
          router.addresses.some((address) => addresses.includes(address)),
        );
        return named.map(({ name }) => name);
      },
    }),
    config: (lab) => {
      const directory = lab.temporaryDirectory();
      writeFileSync(join(directory, "routers.json"), JSON.stringify(inventoryOf(lab)));
      return { routers: { files: [join(directory, "*.json")] } };
    },
  };
}

function casesOf(
  { network, topology, router, before, back }: Parts,
  answersFrom: AnswersFrom,
): PlaceCase[] {
  const named = (what: string) => `${network}, ${answersFrom}: ${what}`;
  const whole = (lab: Lab) => addressesOf(lab, router);
  // The far end's incoming interface is the link's; a router that answers from the outgoing one never shows it.
  const far = (lab: Lab) =>
    answersFrom === "interface"
      ? [interfaceTo(lab.topology, router, before).address]
      : addressesOf(lab, router);
  const dead = { topology, verdicts: ["path_fault"], kills: true, watchMs: DEAD_MS };
  const lossy = { topology, verdicts: ["path_loss"], watchMs: LOSSY_MS };
  const link = { places: ["link"], names: far };
  return [
    {
      ...dead,
      name: named("router drops"),
      places: ["router"],
      names: whole,
      breaks: (lab) => faults.dropForward(lab, router),
    },
    {
      ...dead,
      name: named("router drops and is silent"),
      places: ["router"],
      names: whole,
      breaks: (lab) => faults.dropEarly(lab, router),
    },
    // Two addresses behind one hop that both say that they pass nothing on are two routers, where no inventory says otherwise.
    ...(answersFrom === "interface"
      ? [
          {
            ...dead,
            name: named("router without a route"),
            places: ["router"],
            names: whole,
            breaks: (lab: Lab) => faults.withoutRoute(lab, router),
          },
        ]
      : []),
    { ...dead, ...link, name: named("link dead"), breaks: (lab) => breakLink(lab, before, router) },
    {
      ...lossy,
      ...link,
      name: named("link loses 10 %"),
      breaks: (lab) => breakLink(lab, before, router, 10),
    },
    {
      ...lossy,
      ...link,
      name: named("link loses 30 %"),
      breaks: (lab) => breakLink(lab, before, router, 30),
    },
    {
      ...lossy,
      name: named("30 % lost on the way back"),
      places: BEHIND,
      breaks: (lab) => returnLoss(lab, back, 30),
    },
    {
      ...dead,
      name: named("bundle's member dead"),
      places: ["bundle"],
      names: far,
      breaks: (lab) => breakMember(lab, before, router, 2),
    },
  ];
}
