import { type Config, ConfigError, loadConfig } from "../config/load.ts";
import { readTargetFiles, type TargetFiles, withTargetFiles } from "../config/target-files.ts";
import { type TargetWatch, watchTargetFiles } from "../discovery/target-watch.ts";
import type { EngineSettings } from "../engine/engine.ts";
import type { TargetSpec } from "../flow/target.ts";

/** A configuration with the targets of its files. */
export interface Loaded {
  readonly config: Config;
  readonly files: TargetFiles;
  /** Every target: those of the configuration, then those of the files. */
  readonly specs: readonly TargetSpec[];
}

/** Where the configuration comes from. */
export interface ConfigurationSource {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the configuration and every target file.
 * @throws {ConfigError} with everything that is wrong in either
 */
export async function loadAll(source: ConfigurationSource): Promise<Loaded> {
  const config = await loadConfig(source);
  const files = await readTargetFiles(config.targetFiles, config.probe);
  const { specs, problems } = withTargetFiles(config, files);
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, files, specs };
}

/** Reads the target files again; a file that is wrong now keeps the targets it had. */
export async function reloadFiles(
  before: Loaded,
): Promise<{ loaded: Loaded; problem: ConfigError | undefined }> {
  const { config } = before;
  const files = await readTargetFiles(config.targetFiles, config.probe, before.files);
  const { specs, problems } = withTargetFiles(config, files);
  return {
    loaded: { config, files, specs },
    problem: problems.length > 0 ? new ConfigError(problems) : undefined,
  };
}

/** Watches the target files of a configuration; nothing where it has none. */
export function watchFiles(config: Config, onChange: () => void): TargetWatch | undefined {
  return config.targetFiles.length === 0
    ? undefined
    : watchTargetFiles(config.targetFiles, onChange);
}

/** The numbers of a configuration that the engine goes by. */
export function engineSettings({ config }: Loaded): EngineSettings {
  const { maxHops, attempts, packetsPerSecond, hopPacketsPerSecond } = config.trace;
  return {
    packetsPerSecond: config.limits.packetsPerSecond,
    trace: { maxHops, attempts, packetsPerSecond, hopPacketsPerSecond },
  };
}
