import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";

/** Where both want a processor the probing thread gets it. */
const NICENESS = 5;

/** Lowers the priority of the thread that calls it alone: in Linux a niceness belongs to a thread. */
export function giveWay(): void {
  try {
    setPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1)), NICENESS);
  } catch {
    // Without /proc the threads are equals, as they are on an idle machine anyway.
  }
}
