import { conflictsOf } from "./conflicts.ts";
import { ENVIRONMENT, readEnvironment, variableOf } from "./environment.ts";
import { type ConfigProblem, showValue } from "./problem.ts";
import type { Reader } from "./reader.ts";
import {
  type Given,
  LISTS,
  probeSettings,
  ROOT_SETTINGS,
  SETTINGS,
  type Setting,
  settingsByPath,
  settingsOf,
} from "./schema.ts";
import type { SettingsValues } from "./setting-values.ts";
import type { YamlMap, YamlNode } from "./yaml-tree.ts";

type Located = Given & { readonly line: number };

/** The value at a node if it is one that a setting can have; whether its rule takes it was asked before. */
function located(path: string, node: YamlNode): Located[] {
  if (node.kind !== "scalar" || node.value === null) return [];
  return [{ path, value: node.value, line: node.line }];
}

/** Reads those of the root's own. */
function readRoot(reader: Reader, root: YamlMap): readonly Located[] {
  return Object.entries<Setting>(ROOT_SETTINGS).flatMap(([key, { rule }]) => {
    const node = root.entries.get(key);
    if (node === undefined || reader.scalar(node, key, rule) === undefined) return [];
    return located(key, node);
  });
}

/** Reads the given keys of one section; unknown keys are reported. */
function readSection(reader: Reader, root: YamlMap, section: string): readonly Located[] {
  const node = root.entries.get(section);
  if (node === undefined) return [];
  const known = settingsByPath();
  const keys = [...known.keys()]
    .filter((path) => path.startsWith(`${section}.`))
    .map((path) => path.slice(section.length + 1));
  keys.push(...(LISTS[section] ?? []));
  const given: Located[] = [];
  for (const [key, child] of reader.map(node, section, keys, true)?.entries ?? []) {
    const path = `${section}.${key}`;
    const setting = known.get(path);
    if (setting === undefined || reader.scalar(child, path, setting.rule) === undefined) continue;
    given.push(...located(path, child));
  }
  return given;
}

/**
 * Reads the scalar settings: defaults, over them those of the file, over them those of the environment. Every problem is
 * reported; a refused value is left at its default, so that the rest of the file can be checked against something.
 */
export function readSettings(
  reader: Reader,
  root: YamlMap,
  env: Readonly<Record<string, string | undefined>>,
): SettingsValues {
  const fromFile = [
    ...readRoot(reader, root),
    ...Object.keys(SETTINGS).flatMap((section) => readSection(reader, root, section)),
  ];
  const fromEnvironment = readEnvironment(env);
  reader.problems.push(...fromEnvironment.problems);
  const values = settingsOf([...fromFile, ...fromEnvironment.given]);

  /** A problem at the place that the value in force comes from. */
  const report = (path: string, value: string | number, message: string): void => {
    const overridden = fromEnvironment.given.some((given) => given.path === path);
    const problem: ConfigProblem = {
      file: overridden ? ENVIRONMENT : reader.file,
      line: overridden ? undefined : fromFile.find((given) => given.path === path)?.line,
      path: overridden ? variableOf(path) : path,
      value: showValue(value),
      message,
    };
    reader.problems.push(problem);
  };
  for (const { key, message } of conflictsOf(probeSettings(values.probe))) {
    report(`probe.${key}`, values.probe[key], message);
  }
  const { packets_per_second: all, hop_packets_per_second: hop } = values.trace;
  if (hop > all) {
    report(
      "trace.hop_packets_per_second",
      hop,
      `must be at most trace.packets_per_second, which is ${all}`,
    );
  }
  return values;
}
