import type { ConfigSource } from "../../config/load.ts";
import type { ConfigProblem } from "../../config/problem.ts";
import type { Loaded } from "../configuration.ts";

/** What a loading thread is started for. */
export type Loading =
  | { readonly what: "everything"; readonly source: ConfigSource }
  /** The target files and the inventory again, with what they were before. */
  | { readonly what: "files"; readonly before: Loaded };

/** What it says before it ends. */
export type LoadingResult =
  /** `problems` of files that keep what they had. */
  | { readonly loaded: Loaded; readonly problems: readonly ConfigProblem[] }
  /** Nothing of it can be used. */
  | { readonly refused: readonly ConfigProblem[] }
  /** Anything else that was thrown. */
  | { readonly failed: string };
