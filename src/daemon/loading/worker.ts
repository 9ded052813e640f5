import { parentPort, workerData } from "node:worker_threads";
import { giveWay } from "../give-way.ts";
import { load } from "./load.ts";
import type { Loading } from "./messages.ts";

if (parentPort === null) throw new Error("this file is the loading thread of the daemon");
giveWay();
parentPort.postMessage(await load(workerData as Loading));
