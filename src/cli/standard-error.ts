/**
 * Writes to standard error. A disk without room, or a reader that is gone, must not end the program: what cannot be
 * written is lost, and the next line is tried again.
 */
export function writeStandardError(text: string): void {
  // Of a pipe the error comes later, as an event that somebody must listen to.
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => undefined);
  try {
    process.stderr.write(text);
  } catch {
    // Of a file it comes at once.
  }
}
