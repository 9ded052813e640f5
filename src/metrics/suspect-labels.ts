import type { Suspect } from "../localize/suspect.ts";
import { SOURCE, UNKNOWN_PATH } from "./path-series.ts";

/** A suspect that may say what kind of place it is and what to call it. */
type NamedSuspect = Suspect & { readonly place?: string; readonly name?: string };

/**
 * The labels of a suspect. A router drops whatever crosses it, wherever that goes on to: its `hop_to` is `any`. A suspect
 * that does not say so is a link, and is called by its far end, which is the same for every exporter that comes to it.
 */
export function suspectLabels(suspect: NamedSuspect): Readonly<Record<string, string>> {
  const { from, to, segment, place = "link", name = to ?? from ?? SOURCE } = suspect;
  return {
    hop_from: from ?? SOURCE,
    hop_to: place === "router" ? "any" : (to ?? UNKNOWN_PATH),
    segment,
    place,
    name,
  };
}
