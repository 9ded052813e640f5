import { type ChildProcess, spawn } from "node:child_process";
import { OWN_SESSION } from "./command.ts";

/** How a condition is waited for. */
export interface Waiting {
  /** Longest wait, milliseconds. */
  readonly limitMs: number;
  /** Pause between two checks, milliseconds; 100 unless told. */
  readonly everyMs?: number;
  /** What is waited for, for the message; a function is asked once the limit has passed. */
  readonly what: string | (() => string);
}

/**
 * Waits until `check` returns something other than `undefined` and `false`, and returns it. What `check` throws
 * counts as "not yet".
 * @throws Error after the limit, with the last error of `check`
 */
export async function until<T>(
  check: () => T | Promise<T>,
  waiting: Waiting,
): Promise<Exclude<T, undefined | false>> {
  const start = performance.now();
  for (;;) {
    let problem = "";
    try {
      const result = await check();
      if (result !== undefined && result !== false) {
        return result as Exclude<T, undefined | false>;
      }
    } catch (error) {
      problem = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    const waited = performance.now() - start;
    if (waited > waiting.limitMs) {
      const what = typeof waiting.what === "string" ? waiting.what : waiting.what();
      throw new Error(`not after ${Math.round(waited)} ms: ${what}${problem}`);
    }
    await pause(waiting.everyMs ?? 100);
  }
}

/** Lets time pass, milliseconds. Only for spans that are themselves under test; else use `until`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A process started in a lab, in a session of its own, with everything it said. */
export class LabProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  #stdout = "";
  #stderr = "";

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv) {
    const [command, ...args] = argv;
    if (command === undefined) throw new Error("no command");
    this.#child = spawn(command, args, { ...OWN_SESSION, env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#closed = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.#stderr += `${error.message}\n`;
        resolve(null);
      });
      this.#child.on("close", resolve);
    });
  }

  /** `ip netns exec` becomes the command it runs, so this is the command's own process. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`did not start: ${this.#stderr}`);
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get running(): boolean {
    return (
      this.#child.pid !== undefined &&
      this.#child.exitCode === null &&
      this.#child.signalCode === null
    );
  }

  /** The exit code once it has ended and its output is complete; null after a signal. */
  ended(): Promise<number | null> {
    return this.#closed;
  }

  /** Nobody reads any more what it says, as when a terminal is closed. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.kill(signal);
    return await this.#closed;
  }

  /** Waits until its output holds `text`. @throws Error with the output if it ends before or the limit passes */
  async said(text: string, limitMs = 10_000): Promise<void> {
    const heard = () => this.#stdout.includes(text) || this.#stderr.includes(text);
    await until(() => heard() || !this.running, { limitMs, everyMs: 20, what: `"${text}"` });
    if (!heard()) {
      await this.#closed;
      if (!heard()) throw new Error(`ended without "${text}":\n${this.#stdout}${this.#stderr}`);
    }
  }
}
