import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ProbeSettings, TargetSpec } from "../flow/target.ts";
import { matchesGlob } from "./glob.ts";
import type { Config } from "./load.ts";
import type { ConfigProblem } from "./problem.ts";
import { errorSentence, readText } from "./read-text.ts";
import { parseTargetFile } from "./target-file.ts";
import type { LocatedTarget } from "./targets.ts";
import { uniqueTargets } from "./unique.ts";

/** What one file of targets holds. */
export interface TargetFile {
  /** Absolute path. */
  readonly file: string;
  /** Its targets; with problems those of the last good reading, and at the first reading those that could be made out. */
  readonly targets: readonly LocatedTarget[];
  /** What is wrong with the file as it stands; empty when it is in use as it stands. */
  readonly problems: readonly ConfigProblem[];
}

/** All target files together. */
export interface TargetFiles {
  /** One entry a file, sorted by path. */
  readonly files: readonly TargetFile[];
  /** The targets of all files. Of those with the same name, or with the same endpoint, only the first. */
  readonly targets: readonly LocatedTarget[];
  /** The same without their places. */
  readonly specs: readonly TargetSpec[];
  /** Everything that is wrong, in the files and between them. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads the files that globs mean at this moment. A file that cannot be read or has anything wrong in it changes nothing:
 * it keeps the targets that it had in `previous`. A file that is gone takes its targets with it.
 * @param globs absolute, as in {@link Config}
 * @param previous the result before this one; without it nothing may run while there are problems, and all of them are told at once
 */
export async function readTargetFiles(
  globs: readonly string[],
  defaults: ProbeSettings,
  previous?: TargetFiles,
): Promise<TargetFiles> {
  const before = new Map(previous?.files.map((entry) => [entry.file, entry]));
  const problems: ConfigProblem[] = [];
  const paths = new Set<string>();
  for (const glob of globs) {
    const found = await filesOf(glob);
    if ("problem" in found) {
      problems.push(found.problem);
      // The directory cannot be read: that is no reason to drop what was in it.
      for (const path of before.keys()) {
        if (dirname(path) === dirname(glob) && matchesGlob(glob, basename(path))) paths.add(path);
      }
    } else {
      for (const path of found.paths) paths.add(path);
    }
  }
  const files: TargetFile[] = [];
  for (const file of [...paths].sort()) {
    const kept = previous === undefined ? undefined : (before.get(file)?.targets ?? []);
    files.push(await readTargetFile(file, defaults, kept));
  }
  const { unique, problems: collisions } = uniqueTargets(files.flatMap(({ targets }) => targets));
  return {
    files,
    targets: unique,
    specs: unique.map(({ spec }) => spec),
    problems: [...problems, ...files.flatMap((entry) => entry.problems), ...collisions],
  };
}

/**
 * The targets of a configuration and of its target files. Where two collide, that of the configuration stays and the other is
 * a problem.
 */
export function withTargetFiles(
  config: Config,
  files: TargetFiles,
): { readonly specs: readonly TargetSpec[]; readonly problems: readonly ConfigProblem[] } {
  const own = config.targets.map((spec, index) => ({
    spec,
    file: config.file,
    line: undefined,
    path: `targets[${index}]`,
  }));
  const { unique, problems } = uniqueTargets([...own, ...files.targets]);
  return { specs: unique.map(({ spec }) => spec), problems: [...files.problems, ...problems] };
}

async function readTargetFile(
  file: string,
  defaults: ProbeSettings,
  kept: readonly LocatedTarget[] | undefined,
): Promise<TargetFile> {
  const read = await readText(file);
  if ("problem" in read) return { file, targets: kept ?? [], problems: [read.problem] };
  const { targets, problems } = parseTargetFile(file, read.text, defaults);
  return { file, targets: problems.length === 0 ? targets : (kept ?? targets), problems };
}

/** The files that a glob means, none of which need exist yet. */
export async function filesOf(
  glob: string,
): Promise<{ readonly paths: readonly string[] } | { readonly problem: ConfigProblem }> {
  const directory = dirname(glob);
  const problem = (message: string): { problem: ConfigProblem } => ({
    problem: { file: glob, line: undefined, path: "", value: undefined, message },
  });
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    return problem(`cannot be looked for: ${errorSentence(error, "its folder")}`);
  }
  const paths = names
    .filter((name) => matchesGlob(glob, name))
    .map((name) => join(directory, name));
  return { paths };
}
