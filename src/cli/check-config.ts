import { describePlan } from "../config/plan.ts";
import { loadAll } from "../daemon/configuration.ts";
import { ephemeralPorts } from "../daemon/ports-in-use.ts";

/**
 * Checks a configuration and the target files it names.
 * @returns what would run, as text
 * @throws {ConfigError} with everything that is wrong
 */
export async function checkConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { config, specs } = await loadAll({ file, env });
  return describePlan(config, specs, ephemeralPorts());
}
