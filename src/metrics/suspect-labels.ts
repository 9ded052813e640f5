import type { Suspect } from "../localize/suspect.ts";
import { SOURCE, UNKNOWN_PATH } from "./path-series.ts";

/** The labels of a suspect. A router drops whatever crosses it, wherever that goes on to: its `hop_to` is `any`. */
export function suspectLabels(suspect: Suspect): Readonly<Record<string, string>> {
  const { from, to, segment, place, name } = suspect;
  return {
    hop_from: from ?? SOURCE,
    hop_to: place === "router" ? "any" : (to ?? UNKNOWN_PATH),
    segment,
    place,
    name,
  };
}
