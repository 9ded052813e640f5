import { spawn, spawnSync } from "node:child_process";

/** Runs a command to its end. @throws Error with its stderr if it does not exit with 0 */
export function run(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
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
  const done = spawnSync(command, args, { input, encoding: "utf8" });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) throw failure(command, args, done.status, done.stderr + done.stdout);
  return done.stdout;
}

function failure(command: string, args: readonly string[], code: number | null, said: string) {
  return new Error(`${[command, ...args].join(" ")} ended with ${code}: ${said.trim()}`);
}
