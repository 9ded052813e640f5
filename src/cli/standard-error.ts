/** Of a pipe an error comes as an event that ends the program where nobody listens. */
const ignore = (): void => {};

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
    // What others listen with, such as a thread whose standard error goes here as well, goes away with them.
    if (!process.stderr.listeners("error").includes(ignore)) process.stderr.on("error", ignore);
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
