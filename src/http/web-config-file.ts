import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError } from "../config/problem.ts";
import { parseWebConfig, type WebConfig } from "./web-config.ts";

/**
 * A file changed again within this time of its last change may look unchanged, since file systems stamp with the
 * coarse clock of the kernel. So a reading that came this soon after a change is not relied on.
 */
const STAMP_MS = 50;

interface Reading {
  readonly config: WebConfig;
  /** Path and content of every file read. */
  readonly contents: ReadonlyMap<string, string>;
  /** What the files looked like from outside when they were read; undefined if that is not to be relied on. */
  readonly stamp: string | undefined;
}

/** Look of the files from outside: a handful of microseconds each. A missing file has a look too. */
function stampOf(paths: Iterable<string>): string | undefined {
  let stamp = "";
  let newest = 0;
  for (const path of paths) {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    stamp += stat
      ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs};`
      : "gone;";
    newest = Math.max(newest, Number(stat?.ctimeMs ?? 0n));
  }
  // Stamps and this clock are both the host's wall clock.
  return Date.now() - newest < STAMP_MS ? undefined : stamp;
}

function sameContents(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, content]) => b.get(path) === content);
}

/**
 * `--web.config.file`, read anew whenever it, or a file it names, has changed. Whether the server speaks TLS and
 * its rate limit are settled at the start; everything else follows the file.
 */
export class WebConfigFile {
  readonly #path: string;
  #reading: Reading;

  /**
   * Reads and checks the file and everything it names.
   * @throws ConfigError if the file cannot be read or something in it is wrong
   */
  constructor(path: string) {
    this.#path = path;
    this.#reading = this.#read();
  }

  /**
   * The configuration as the files say it now; the same object as long as nothing changed.
   * @throws ConfigError as the constructor does
   */
  current(): WebConfig {
    const { stamp, contents, config } = this.#reading;
    if (stamp !== undefined && stamp === stampOf(contents.keys())) return config;
    const fresh = this.#read();
    this.#reading = sameContents(fresh.contents, contents) ? { ...fresh, config } : fresh;
    return this.#reading.config;
  }

  #read(): Reading {
    const contents = new Map<string, string>();
    const load = (path: string): string => {
      const content = readFileSync(path, "utf8");
      contents.set(path, content);
      return content;
    };
    let text: string;
    try {
      text = load(this.#path);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      const message = `the web configuration cannot be read (${code}): check --web.config.file`;
      throw new ConfigError([
        { file: this.#path, line: undefined, path: "", value: undefined, message },
      ]);
    }
    const beside = dirname(this.#path);
    const config = parseWebConfig(this.#path, text, (path) => load(resolve(beside, path)));
    return { config, contents, stamp: stampOf(contents.keys()) };
  }
}
