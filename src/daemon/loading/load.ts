import { ConfigError } from "../../config/problem.ts";
import { loadAll, reloadFiles } from "../configuration.ts";
import type { Loading, LoadingResult } from "./messages.ts";

/** Reads what is to be read. Never rejects. */
export async function load(loading: Loading): Promise<LoadingResult> {
  try {
    if (loading.what === "everything") {
      return { loaded: await loadAll(loading.source), problems: [] };
    }
    const { loaded, problem } = await reloadFiles(loading.before);
    return { loaded, problems: problem?.problems ?? [] };
  } catch (error) {
    if (error instanceof ConfigError) return { refused: error.problems };
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
