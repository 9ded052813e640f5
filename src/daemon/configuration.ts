import { type Config, type ConfigSource, readConfig } from "../config/load.ts";
import { ConfigError } from "../config/problem.ts";
import { type RouterFiles, readRouterFiles } from "../config/router-files.ts";
import { readTargetFiles, type TargetFiles, withTargetFiles } from "../config/target-files.ts";
import type { EngineSettings } from "../engine/engine-options.ts";
import type { TargetSpec } from "../flow/target.ts";

/** A configuration with the targets of its files. */
export interface Loaded {
  readonly config: Config;
  readonly files: TargetFiles;
  /** The inventory of routers. */
  readonly inventory: RouterFiles;
  /** Every target: those of the configuration, then those of the files. */
  readonly specs: readonly TargetSpec[];
}

/**
 * Reads the configuration and every file that it names. These are looked at also where the configuration is wrong, as far as it
 * tells which they are: everything that is to be corrected is told at once.
 * @throws {ConfigError} with everything that is wrong in any of them
 */
export async function loadAll(source: ConfigSource): Promise<Loaded> {
  const { config, problems: own } = await readConfig(source);
  if (config === undefined) throw new ConfigError(own);
  const files = await readTargetFiles(config.targetFiles, config.probe);
  const inventory = await readRouterFiles(config.routers.files);
  const targets = withTargetFiles(config, files);
  const problems = [...own, ...targets.problems, ...inventory.problems];
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, files, inventory, specs: targets.specs };
}

/** Reads the target files and the inventory again; a file that is wrong now keeps what it had. */
export async function reloadFiles(
  before: Loaded,
): Promise<{ loaded: Loaded; problem: ConfigError | undefined }> {
  const { config } = before;
  const files = await readTargetFiles(config.targetFiles, config.probe, before.files);
  const inventory = await readRouterFiles(config.routers.files, before.inventory);
  const targets = withTargetFiles(config, files);
  const problems = [...targets.problems, ...inventory.problems];
  return {
    loaded: { config, files, inventory, specs: targets.specs },
    problem: problems.length > 0 ? new ConfigError(problems) : undefined,
  };
}

/** Globs of every file that a configuration names: of targets, and of the inventory of routers. */
export function watchedGlobs({ targetFiles, routers }: Config): readonly string[] {
  return [...targetFiles, ...routers.files];
}

/** The numbers of a configuration that the engine goes by. */
export function engineSettings({ config }: Loaded): EngineSettings {
  const { maxHops, attempts, packetsPerSecond, hopPacketsPerSecond } = config.trace;
  return {
    packetsPerSecond: config.limits.packetsPerSecond,
    trace: { maxHops, attempts, packetsPerSecond, hopPacketsPerSecond },
  };
}
