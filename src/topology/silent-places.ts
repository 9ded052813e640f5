import type { Way } from "./known-paths.ts";

/**
 * Flows that were silent in a place are asked again; where so many in a row stayed silent, the router there never answers (until one answers).
 * A rate-limited one that answers every other sweep would pass for silent with a chance of 2^-4.
 */
const SILENT_AGAIN = 4;

/** Places remembered of one target. */
const MAX_PLACES = 1024;

/**
 * Tells a router that never answers from one that has not answered yet, because it rate-limits its answers: by what flows
 * met that were silent there before and were asked once more. A place is a TTL behind a hop.
 */
export class SilentPlaces {
  /** By place: flows in a row that were asked again and stayed silent. */
  readonly #again: Map<string, number> = new Map();
  #version = 0;

  /** Grows whenever {@link isSilent} says something else of a place. */
  get version(): number {
    return this.#version;
  }

  /**
   * A flow was swept once more.
   * @param before what was known of its way until now
   * @param found what this sweep met
   */
  sweptAgain(before: Way, found: Way): void {
    before.forEach((hop, at) => {
      if (hop !== null) return;
      const place = placeOf(before, at);
      const known = this.#again.get(place) ?? 0;
      const silent = (found[at] ?? null) === null ? known + 1 : 0;
      if (known >= SILENT_AGAIN !== silent >= SILENT_AGAIN) this.#version += 1;
      this.#again.delete(place);
      this.#again.set(place, silent);
      const [oldest] = this.#again;
      if (this.#again.size > MAX_PLACES && oldest !== undefined) {
        this.#again.delete(oldest[0]);
        if (oldest[1] >= SILENT_AGAIN) this.#version += 1;
      }
    });
  }

  /** Whether the gap of a way at this index is a router that never answers. */
  isSilent(way: Way, at: number): boolean {
    return (this.#again.get(placeOf(way, at)) ?? 0) >= SILENT_AGAIN;
  }
}

function placeOf(way: Way, at: number): string {
  return `${at + 1} behind ${at === 0 ? "source" : (way[at - 1] ?? "silence")}`;
}
