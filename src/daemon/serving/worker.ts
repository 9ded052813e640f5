import { parentPort, workerData } from "node:worker_threads";
import { giveWay } from "../give-way.ts";
import type { ServingOptions, ToServing } from "./messages.ts";
import { serveThread } from "./serve-thread.ts";

if (parentPort === null) throw new Error("this file is the serving thread of the daemon");
const port = parentPort;
await serveThread(
  { postMessage: (message) => port.postMessage(message) },
  (take) => port.on("message", (message: ToServing) => take(message)),
  workerData as ServingOptions,
);
// From now on; the daemon waits until it listens.
giveWay();
