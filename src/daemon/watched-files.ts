import type { Config } from "../config/load.ts";
import { type TargetWatch, watchTargetFiles } from "../discovery/target-watch.ts";
import { watchedGlobs } from "./configuration.ts";

/** Watches the files that the configuration in force names. */
export class WatchedFiles {
  readonly #onChange: () => void;
  #watch: TargetWatch | undefined;
  #globs = "";
  #isClosed = false;

  /** @param onChange one of them has changed, or others are watched from now on */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Begins to watch those of a configuration, unless the same ones are being watched. */
  follow(config: Config): void {
    if (this.#isClosed) return;
    const globs = watchedGlobs(config);
    if (globs.join("\n") === this.#globs) return;
    this.#globs = globs.join("\n");
    this.#watch?.close();
    this.#watch = globs.length === 0 ? undefined : watchTargetFiles(globs, this.#onChange);
    // They were read before they were watched: a change in between would never be seen.
    if (this.#watch !== undefined) this.#onChange();
  }

  /** Watches nothing any more, whatever a reload under way would follow. */
  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
  }
}
