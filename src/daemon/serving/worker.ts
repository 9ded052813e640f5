import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { ServingOptions, ToServing } from "./messages.ts";
import { serveThread } from "./serve-thread.ts";

/** Where both want a processor the probing thread gets it. */
const NICENESS = 5;

/** Lowers the priority of this thread alone: in Linux a niceness belongs to a thread. */
function giveWay(): void {
  try {
    setPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1)), NICENESS);
  } catch {
    // Without /proc the threads are equals, as they are on an idle machine anyway.
  }
}

if (parentPort === null) throw new Error("this file is the serving thread of the daemon");
const port = parentPort;
await serveThread(
  { postMessage: (message) => port.postMessage(message) },
  (take) => port.on("message", (message: ToServing) => take(message)),
  workerData as ServingOptions,
);
// From now on; the daemon waits until it listens.
giveWay();
