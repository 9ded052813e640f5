import type { SuspectPlace } from "../localize/suspect-place.ts";

/** The place of a suspect as part of a sentence: `the router r8`, `the link 10.0.0.1 to 10.0.0.8`. */
export function placeWords({ from, to, place, name }: SuspectPlace): string {
  const link = `${from ?? "the source"} to ${to ?? "an unknown next hop"}`;
  switch (place) {
    case "link":
      return `the link ${link}`;
    case "router":
      return `the router ${name} (${link})`;
    case "bundle":
      return `a member of the bundle ${link}`;
    case "beyond":
      return `what is behind ${from ?? "the source"}`;
    case "return":
      return "the way back, or a balancer's own choice behind the last router";
    case "endpoint":
      return `the target ${name} itself`;
    case "source":
      return "the source itself";
  }
}
