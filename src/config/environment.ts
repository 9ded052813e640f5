import { nearMatches } from "./near.ts";
import { type ConfigProblem, showValue } from "./problem.ts";
import { type Given, settingsByPath } from "./schema.ts";

/** What every variable of ours begins with. */
const PREFIX = "ECMP_EXPORTER_";

/**
 * Kubernetes gives every container such variables for each service of its namespace. A service named ecmp-exporter would
 * keep its own pods from starting if they counted as ours.
 */
const KUBERNETES =
  /^ECMP_EXPORTER_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_PROTO|_PORT|_ADDR)?)?)$/;

/** Stands in the place of a file in problems with a variable. */
export const ENVIRONMENT = "environment";

/** The variable that overrides a setting: `probe.interval` is ECMP_EXPORTER_PROBE_INTERVAL. */
export function variableOf(path: string): string {
  return PREFIX + path.toUpperCase().replaceAll(".", "_");
}

/** The same types as in the file: only digits are a number, true and false are themselves, everything else is text. */
function typed(text: string): string | number | boolean {
  if (/^-?\d+$/.test(text)) return Number(text);
  return text === "true" || text === "false" ? text === "true" : text;
}

/** The overrides that variables make, and what is wrong with them. Variables of other programs are not looked at. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): {
  readonly given: readonly Given[];
  readonly problems: readonly ConfigProblem[];
} {
  const byVariable = new Map(
    [...settingsByPath()].map(([path, setting]) => [variableOf(path), { path, setting }]),
  );
  const given: Given[] = [];
  const problems: ConfigProblem[] = [];
  for (const variable of Object.keys(env).sort()) {
    const text = env[variable];
    if (text === undefined || !variable.startsWith(PREFIX) || KUBERNETES.test(variable)) continue;
    const problem = (message: string, value?: string): void => {
      problems.push({ file: ENVIRONMENT, line: undefined, path: variable, value, message });
    };
    const known = byVariable.get(variable);
    if (known === undefined) {
      const near = nearMatches(
        variable.slice(PREFIX.length),
        [...byVariable.keys()].map((name) => name.slice(PREFIX.length)),
      );
      const names = near.map((name) => PREFIX + name);
      const fix =
        names.length > 0
          ? `did you mean ${names.join(" or ")}?`
          : `unset it; names are like ${variableOf("probe.interval")}`;
      problem(`is not the name of a setting: ${fix}`);
      continue;
    }
    if (text === "") {
      problem("is empty: give it a value or unset it");
      continue;
    }
    const value = typed(text);
    const checked = known.setting.rule(value);
    if ("problem" in checked) problem(checked.problem, showValue(value));
    else given.push({ path: known.path, value });
  }
  return { given, problems };
}
