let lost = 0;

/** Texts that standard error did not take so far: the disk behind it is full, or whoever read it is gone. */
export function lostTexts(): number {
  return lost;
}

/**
 * Writes to standard error. A disk without room, or a reader that is gone, must not end the program: what cannot be
 * written is lost and counted, and the next line is tried again.
 */
export function writeStandardError(text: string): void {
  // Of a pipe the error comes later, as an event that somebody must listen to.
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => undefined);
  try {
    process.stderr.write(text, (error) => {
      if (error) lost += 1;
    });
  } catch {
    // Of a file it comes at once.
    lost += 1;
  }
}
