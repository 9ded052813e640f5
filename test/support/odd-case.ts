import { type OddFault, type Oddity, OddNetwork, type OddRouter } from "./odd-network.ts";
import type { Random } from "./random.ts";

/** Names of the oddities that a network may have, one or two at once. */
export const ODDITIES = [
  "none",
  "a stage answers with the target's address",
  "a stage answers with 192.0.0.8",
  "a stage answers with one address of its own",
  "a stage is silent",
  "a stage answers some flows only",
  "a stage hides in a tunnel",
  "a router hides in a tunnel",
  "a router counts the TTL twice",
  "a router balances by packet",
  "some routers fall silent during the fault",
  "all routers fall silent during the fault",
  "the first hop is a pair",
  "everybody from here on answers with the target's address",
  "a router is silent",
] as const;
export type OddityName = (typeof ODDITIES)[number];

/** Kinds of faults. */
export type OddFaultName =
  | "none"
  | "router before"
  | "router after"
  | "link dead"
  | "behind dead"
  | "behind dead hiding"
  | "behind loss";

/** A network with its fault and what it is called. */
export interface OddCase {
  readonly network: OddNetwork;
  readonly fault: OddFault | undefined;
}

/**
 * Draws a network of three to five stages, and where in it are the oddities and the fault of these names. The same random
 * numbers draw the same network.
 */
export function drawOddCase(
  random: Random,
  target: string,
  faultName: OddFaultName,
  oddities: readonly OddityName[],
): OddCase {
  const depth = random.between(3, 5);
  const widths = Array.from({ length: depth }, (_, at) =>
    at === 0 ? 1 : at === depth - 1 ? random.pick([1, 1, 2]) : random.pick([2, 3, 4, 4]),
  );
  const quirks = new Map<string, Oddity>();
  const add = (id: string, oddity: Oddity): void => {
    quirks.set(id, { ...quirks.get(id), ...oddity });
  };
  const idsOf = (stage: number): string[] =>
    Array.from({ length: widths[stage] ?? 0 }, (_, at) => `${stage}.${at}`);
  for (const name of oddities) {
    const stage = random.between(0, depth - 1);
    const wide = random.pick(widths.flatMap((width, at) => (width > 1 ? [at] : [])));
    const one = random.pick(idsOf(random.pick([stage, wide])));
    const stageIds = idsOf(random.pick([stage, wide]));
    const all = (oddity: Oddity, ids = stageIds): void => {
      for (const id of ids) add(id, oddity);
    };
    switch (name) {
      case "none":
        break;
      case "a stage answers with the target's address":
        all({ answersAs: target });
        break;
      case "everybody from here on answers with the target's address":
        for (let at = stage; at < depth; at += 1) all({ answersAs: target }, idsOf(at));
        break;
      case "a stage answers with 192.0.0.8":
        all({ answersAs: "192.0.0.8" });
        break;
      case "a stage answers with one address of its own":
        all({ answersAs: "10.77.0.1" });
        break;
      case "a stage is silent":
        all({ answersAs: null });
        break;
      case "a router is silent":
        add(one, { answersAs: null });
        break;
      case "a stage answers some flows only":
        all({ picky: true });
        break;
      case "a stage hides in a tunnel":
        all({ hides: true });
        break;
      case "a router hides in a tunnel":
        add(one, { hides: true });
        break;
      case "a router counts the TTL twice":
        add(one, { twice: true });
        break;
      case "a router balances by packet":
        add(random.pick(idsOf(random.between(0, depth - 2))), { byPacket: true });
        break;
      case "some routers fall silent during the fault":
        for (let at = 0; at < depth; at += 1)
          for (const id of idsOf(at)) if (random.chance(0.3)) add(id, { quietens: true });
        break;
      case "all routers fall silent during the fault":
        for (let at = 0; at < depth; at += 1) all({ quietens: true }, idsOf(at));
        break;
      case "the first hop is a pair":
        add("0.0", { pair: true });
        break;
    }
  }
  const limited = random.chance(0.3) ? { limited: true } : {};
  const stages = widths.map((_, stage) =>
    idsOf(stage).map((id): OddRouter => ({ id, stage, oddity: { ...limited, ...quirks.get(id) } })),
  );
  const network = new OddNetwork(stages, { target, inbound: random.chance(0.6), random });
  return { network, fault: drawFault(network, faultName, random) };
}

function drawFault(network: OddNetwork, name: OddFaultName, random: Random): OddFault | undefined {
  const wide = network.stages.flatMap((stage) => (stage.length > 1 ? [stage] : []));
  const at = random.pick(random.pick(wide));
  const from = random.pick(network.stages[at.stage - 1] ?? [at]);
  switch (name) {
    case "none":
      return undefined;
    case "router before":
      return { kind: "router", at, how: "before" };
    case "router after":
      return { kind: "router", at, how: "after" };
    case "link dead":
      return { kind: "link", from, to: at, loss: 1 };
    case "behind dead":
      return { kind: "behind", of: random.between(2, 5), loss: 1, hides: false };
    case "behind dead hiding":
      return { kind: "behind", of: random.between(2, 5), loss: 1, hides: true };
    case "behind loss":
      return { kind: "behind", of: random.between(2, 5), loss: 0.3, hides: false };
  }
}
