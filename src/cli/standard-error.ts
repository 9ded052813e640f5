/**
 * Standard error, as far as it takes what is written. A disk without room, or a reader that is gone, must not end the program:
 * what cannot be written is lost and counted, and the next line is tried again.
 */
export class StandardError {
  #lost = 0;

  /** Texts that were lost so far. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a text, whole lines. */
  write(text: string): void {
    // Of a pipe the error comes later, as an event that somebody must listen to.
    if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => undefined);
    try {
      process.stderr.write(text, (error) => {
        if (error) this.#lost += 1;
      });
    } catch {
      // Of a file it comes at once.
      this.#lost += 1;
    }
  }
}
