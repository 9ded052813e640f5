import type { Suspect } from "../../src/localize/suspect.ts";
import type { OddCase } from "./odd-case.ts";
import type { OddNetwork, OddRouter } from "./odd-network.ts";

/** Whether what is suspected is broken, contains what is, or is innocent. */
export type Judged = "right" | "innocent";

/** Judges one suspect of a network whose fault is known. */
export function judgeOdd({ network, fault }: OddCase, suspect: Suspect): Judged {
  const { segment, place, name, from, to } = suspect;
  if (fault === undefined) return "innocent";
  if (segment !== "forward") return fault.kind === "behind" ? "right" : "innocent";
  const last = network.stages.length - 1;
  if (fault.kind === "behind") {
    // The link to the destination is what lies behind the last router.
    const routers = from === null ? [] : routersWith(network, from);
    const isLast = to === network.target && routers.some(({ stage }) => stage === last);
    return isLast && place !== "router" ? "right" : "innocent";
  }
  const [first, second] = fault.kind === "router" ? [fault.at, fault.at] : [fault.from, fault.to];
  const own = [...network.addressesOf(first), ...network.addressesOf(second)];
  const isOwn = (address: string | null): boolean => address !== null && own.includes(address);
  if (place === "router") {
    return isOwn(name) && (fault.kind === "router" || isOnlyWay(network, first, second, name))
      ? "right"
      : "innocent";
  }
  // A link, or what lies between two hops that answer: what is broken lies between them, its ends with it.
  const starts = from === null ? [-1] : stagesOn(network, from, first, second);
  const ends =
    to === null || to === network.target ? [last + 1] : stagesOn(network, to, first, second);
  const inside = starts.some(
    (start) => start <= first.stage && ends.some((end) => end >= second.stage && end > start),
  );
  if (!inside) return "innocent";
  const ofLink =
    fault.kind === "router" ||
    !isOwn(from) ||
    from === null ||
    !network.addressesOf(second).includes(from);
  return ofLink ? "right" : "innocent";
}

/** Whether a link is all that leads into, or out of, the router that is named. */
function isOnlyWay(network: OddNetwork, from: OddRouter, to: OddRouter, name: string): boolean {
  if (network.addressesOf(to).includes(name))
    return (network.stages[from.stage] ?? []).length === 1;
  return (network.stages[to.stage] ?? []).length === 1;
}

function routersWith(network: OddNetwork, address: string): OddRouter[] {
  return network.stages.flat().filter((router) => network.addressesOf(router).includes(address));
}

/** Stages of an address that lies before, at or behind what is broken; at its own stages only what is broken itself. */
function stagesOn(
  network: OddNetwork,
  address: string,
  first: OddRouter,
  second: OddRouter,
): number[] {
  return routersWith(network, address)
    .filter((router) => {
      if (router.stage === first.stage) return router === first;
      return router.stage === second.stage ? router === second : true;
    })
    .map(({ stage }) => stage);
}
