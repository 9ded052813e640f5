/** One thing that is wrong with a configuration, at the place where it can be corrected. */
export interface ConfigProblem {
  /** The file as it was named by the caller; `environment` for an environment variable. */
  readonly file: string;
  /** Line in the file, from 1; undefined where the problem belongs to the file as a whole. */
  readonly line: number | undefined;
  /** The key, `targets[3].port`, or the environment variable; empty where the problem belongs to the whole file. */
  readonly path: string;
  /** The value as the user wrote it; undefined where there is none to show. */
  readonly value: string | undefined;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** Longer values are cut: a message has to fit a line of a terminal or of a log. */
const SHOWN_CHARACTERS = 80;

/** A problem as one line: `config/x.yml:12: targets[3].port: 70000: must be between 1 and 65535`. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  return [place, problem.path, problem.value ?? "", problem.message]
    .filter((part) => part !== "")
    .join(": ");
}

/** A password in an address, which a log or an answer to whoever asked for a reload must not show. */
const PASSWORD = /(\/\/[^/@:\s]*):[^/@\s]*@/g;

/**
 * A value as a message shows it, without passwords in addresses. Text that could be taken for a number, or whose ends
 * could not be seen, is quoted, so that `"3306"` and 3306 look as different as they are.
 */
export function showValue(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  const plain =
    /^[^\s"'#:,[\]{}](?:.*[^\s:])?$/.test(value) &&
    !/^(?:[-+]?\.?\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?|true|false|null)$/.test(value);
  const told = value.replace(PASSWORD, "$1:***@");
  const shown = plain && !/\p{C}/u.test(value) ? told : JSON.stringify(told);
  return shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
}

/** Thrown for a configuration that cannot be used; carries everything that is wrong with it, not only the first. */
export class ConfigError extends Error {
  /** At least one, in the order in which they stand in the file. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}
