import { type Config, type ConfigSource, readConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problem.ts";

/**
 * Reads a configuration that is to be right, without the files that it names.
 * @throws {ConfigError} with everything that is wrong
 */
export async function loadConfig(source: ConfigSource): Promise<Config> {
  const { config, problems } = await readConfig(source);
  if (config === undefined || problems.length > 0) throw new ConfigError(problems);
  return config;
}
