import * as faults from "./faults.ts";
import type { Lab } from "./lab.ts";
import { type LabOptions, leafSpine, story, twoStage, unequalLengths } from "./topologies.ts";
import type { Topology } from "./topology.ts";

/** A fault and what the exporter has to make of it. */
export interface Breakage {
  readonly name: string;
  readonly begin: (lab: Lab) => Promise<faults.Fault>[];
  readonly verdict: "path_fault" | "path_loss" | "target_down" | "source_fault";
  /** Routers each of which a suspect has to accuse, while no suspect may accuse anything else. */
  readonly accused: readonly string[];
  /** Suspects may be absent: the ends are at fault, and the verdict names them. */
  readonly ends?: boolean;
  /** The way there is clear; only a suspect of segment `return_or_endpoint` is right. */
  readonly behind?: boolean;
}

/** A network and the routers that are broken in it. */
export interface VerdictNetwork {
  readonly name: string;
  readonly topology: Topology;
  readonly breakages: readonly Breakage[];
}

/** Which routers of a network take which part. */
interface Roles {
  /** One of the equal ones. */
  readonly one: string;
  /** Another, which shares some flows with the first or none, but does not carry all the others. */
  readonly other: string;
  /** Carries all flows, next to the service. */
  readonly last: string;
  /** On the way back, carries a part of the replies. */
  readonly back: string;
}

const OPTIONS: LabOptions = { hostAccess: ["client"] };

/** The networks of the matrix. */
export function verdictNetworks(): VerdictNetwork[] {
  return [
    network("one stage", story(8, OPTIONS), { one: "r8", other: "r3", last: "r10", back: "r5" }),
    network("two stages", twoStage(3, 4, OPTIONS), {
      one: "a2",
      other: "b3",
      last: "r2",
      back: "b1",
    }),
    network("leaf and spine", leafSpine(4, 4, OPTIONS), {
      one: "s2",
      other: "s4",
      last: "r2",
      back: "s3",
    }),
    network("unequal lengths", unequalLengths(OPTIONS), {
      one: "b2",
      other: "a1",
      last: "r2",
      back: "a1",
    }),
  ];
}

/** Picks cases by network and fault, in the order given. @throws Error on a name that there is not */
export function pick(
  names: readonly (readonly [network: string, fault: string])[],
): { network: VerdictNetwork; breakage: Breakage }[] {
  const networks = verdictNetworks();
  return names.map(([networkName, faultName]) => {
    const found = networks.find(({ name }) => name === networkName);
    const breakage = found?.breakages.find(({ name }) => name === faultName);
    if (found === undefined || breakage === undefined) {
      throw new Error(`no case "${faultName}" in "${networkName}"`);
    }
    return { network: found, breakage };
  });
}

function network(name: string, topology: Topology, roles: Roles): VerdictNetwork {
  const { one, other, last, back } = roles;
  const breakages: Breakage[] = [
    dead("drops after the TTL check", [one], (lab) => [faults.dropForward(lab, one)]),
    dead("drops before the TTL check", [one], (lab) => [faults.dropEarly(lab, one)]),
    lossy("loses 30 %", one, 30),
    lossy("loses 10 %", one, 10),
    {
      ...dead("drops replies", [], (lab) => [faults.dropReplies(lab, back)]),
      behind: true,
    },
    dead("loses a LAG member", [one], (lab) => [faults.lagMember(lab, one, 2, 1)]),
    dead("two faults at once", [one, other], (lab) => [
      faults.dropForward(lab, one),
      // With only two ways, two dead routers would be all of them.
      name === "unequal lengths"
        ? faults.lagMember(lab, other, 2, 1)
        : faults.dropForward(lab, other),
    ]),
    {
      ...dead("last router drops", [last], (lab) => [faults.dropForward(lab, last)]),
      verdict: "target_down",
      ends: true,
    },
    {
      ...dead("own firewall drops", [], (lab) => [faults.blockOutput(lab, "client")]),
      verdict: "source_fault",
      ends: true,
    },
  ];
  return { name, topology, breakages };
}

function dead(name: string, accused: readonly string[], begin: Breakage["begin"]): Breakage {
  return { name, begin, verdict: "path_fault", accused };
}

function lossy(name: string, router: string, percent: number): Breakage {
  const begin = (lab: Lab) => [faults.loss(lab, router, percent)];
  return { name, begin, verdict: "path_loss", accused: [router] };
}
