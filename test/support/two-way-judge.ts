import type { Suspect } from "../../src/localize/suspect.ts";
import type { TwoWayCase } from "./two-way-case.ts";
import { type Crossing, DESTINATION, SOURCE } from "./two-way-network.ts";

/**
 * `right`: what is broken, or what the same flows cross and so cannot be told from it. `wide`: what is broken lies within what is
 * named. `side`: a way back is named for what is broken in both directions. `wrong`: innocent.
 */
export type TwoWayJudged = "right" | "wide" | "side" | "wrong";

/**
 * Judges one suspect.
 * @param ports source ports of the flows that are probed
 */
export function judgeTwoWay(
  { network, fault }: TwoWayCase,
  suspect: Suspect,
  ports: readonly number[],
  to: string,
): TwoWayJudged {
  const { place, segment } = suspect;
  const { router, cable, name } = fault;
  const isForward = router !== undefined || cable !== undefined;
  if (segment !== "forward") {
    if (name === "none") return "wrong";
    if (name === "destination loses") return place === "endpoint" ? "right" : "wide";
    if (!isForward) return place === "return" ? "right" : "wide";
    return name.endsWith(" there") ? "wrong" : "side";
  }
  const nodeOf = (address: string | null): string | undefined =>
    address === null ? undefined : address === to ? DESTINATION : network.ownerOf(address);
  const from = suspect.from === null ? SOURCE : nodeOf(suspect.from);
  const far = nodeOf(suspect.to);
  const ways = new Map(ports.map((port) => [port, network.way(port, to)]));
  const crossing = (is: (crossing: Crossing, before: string) => boolean): string =>
    [...ways]
      .filter(([, way]) => way.some((at, index) => is(at, way[index - 1]?.node ?? SOURCE)))
      .map(([port]) => port)
      .join();
  const hit = crossing(({ node, cable: by }) => node === router || by === cable);
  if (!isForward) {
    return far === DESTINATION && name !== "none" ? "wide" : "wrong";
  }
  const named = nodeOf(suspect.name);
  let own: string;
  if (place === "router") {
    if (named === router && router !== undefined) return "right";
    own = crossing(({ node }) => node === named);
  } else if (place === "beyond") {
    const behind = crossing((at) => at.node === from);
    const isWithin =
      hit !== "" &&
      [...ways].every(([port, way]) => {
        if (!hit.split(",").includes(String(port))) return true;
        const start = way.findIndex(({ node }) => node === from);
        const end = way.findIndex(({ node, cable: by }) => node === router || by === cable);
        return from === SOURCE || (start >= 0 && end >= start);
      });
    return isWithin && (behind !== "" || from === SOURCE) ? "wide" : "wrong";
  } else {
    const isCable = ({ node, cable: by }: Crossing, before: string): boolean => {
      if (far === undefined || node !== far || before !== from) return false;
      // Of several cables between two routers the address tells which, where it is that of one.
      const ends = network.plan.cables[by];
      const isOne =
        network.plan.answersFrom === "incoming" && place === "link" && far !== DESTINATION;
      return !isOne || ends?.addresses.includes(suspect.to ?? "") === true;
    };
    own = crossing(isCable);
    if (cable !== undefined) {
      const ends: readonly string[] = network.plan.cables[cable]?.ends ?? [];
      if (from !== undefined && far !== undefined && ends.includes(from) && ends.includes(far)) {
        return "right";
      }
    }
  }
  return own !== "" && own === hit ? "right" : "wrong";
}
