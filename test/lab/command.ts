import { type SpawnSyncOptionsWithStringEncoding, spawn, spawnSync } from "node:child_process";

/**
 * Every command gets a session of its own: Ctrl-C on a terminal then reaches the program alone, which ends what it
 * started. Otherwise a command dies of it too, and may be seen to have failed before the signal itself is heard of.
 */
export const OWN_SESSION = { detached: true } as const;

/** Runs a command to its end. @throws Error with its stderr if it does not exit with 0 */
export function run(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...OWN_SESSION, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    // A command may end without having read its input; its exit code says whether that was wrong.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(stdout);
      else reject(failure(command, args, code, stderr + stdout));
    });
  });
}

/** The same for code that must not wait, such as an exit handler. */
export function runSync(command: string, args: readonly string[], input = ""): string {
  // The types do not know the option for calls that wait; Node.js heeds it there as well.
  const options: SpawnSyncOptionsWithStringEncoding & typeof OWN_SESSION = {
    ...OWN_SESSION,
    input,
    encoding: "utf8",
  };
  const done = spawnSync(command, args, options);
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) throw failure(command, args, done.status, done.stderr + done.stdout);
  return done.stdout;
}

function failure(command: string, args: readonly string[], code: number | null, said: string) {
  return new Error(`${[command, ...args].join(" ")} ended with ${code}: ${said.trim()}`);
}
