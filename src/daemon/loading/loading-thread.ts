import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ConfigSource } from "../../config/load.ts";
import { ConfigError } from "../../config/problem.ts";
import type { Loaded } from "../configuration.ts";
import type { Loading, LoadingResult } from "./messages.ts";

/** A thread of this program; {@link Worker} has this and more. */
export interface LoadingThread {
  once(event: "message", take: (result: LoadingResult) => void): unknown;
  once(event: "error", take: (error: Error) => void): unknown;
  once(event: "exit", take: (code: number) => void): unknown;
}

/** Starts a thread that reads, says what it has read, and ends. */
export type StartLoading = (loading: Loading) => LoadingThread;

/** Starts the thread. Its file has the ending of this one, compiled or not. */
const startWorker: StartLoading = (loading) => {
  const file = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  return new Worker(file, { workerData: loading, name: "loading" });
};

/**
 * Reads the configuration and every file that it names in a thread of its own, since parsing a thousand targets takes a third of a
 * second, for which no probe may wait. What the thread has read is handed over as a copy, some microseconds a target.
 * @param start of this program unless told
 * @throws {ConfigError} with everything that is wrong; Error where the thread ended before it said anything
 */
export async function loadInThread(
  source: ConfigSource,
  start: StartLoading = startWorker,
): Promise<Loaded> {
  const { file } = source;
  const env = { ...source.env };
  return (await read({ what: "everything", source: { file, env } }, start)).loaded;
}

/**
 * The same of the target files and the inventory alone; a file that is wrong now keeps what it had.
 * @param before what they were, and the configuration, which stays as it is
 */
export async function reloadFilesInThread(
  before: Loaded,
  start: StartLoading = startWorker,
): Promise<{ readonly loaded: Loaded; readonly problem: ConfigError | undefined }> {
  const { config } = before;
  // The thread has no use for the text, which may be long.
  const handed = { ...before, config: { ...config, text: "" } };
  const { loaded, problems } = await read({ what: "files", before: handed }, start);
  const problem = problems.length > 0 ? new ConfigError(problems) : undefined;
  return { loaded: { ...loaded, config }, problem };
}

async function read(
  loading: Loading,
  start: StartLoading,
): Promise<Extract<LoadingResult, { loaded: Loaded }>> {
  const result = await new Promise<LoadingResult>((resolve, reject) => {
    const thread = start(loading);
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", (code) =>
      reject(new Error(`the thread that reads the configuration ended with exit code ${code}`)),
    );
  });
  if ("refused" in result) throw new ConfigError(result.refused);
  if ("failed" in result) throw new Error(result.failed);
  return result;
}
