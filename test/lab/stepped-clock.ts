import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.ts";
import type { Lab } from "./lab.ts";
import { programPath } from "./services.ts";

/** Whether the compiler is missing that a stepped clock needs. */
export function compilerIsMissing(): boolean {
  const there = (process.env["PATH"] ?? "").split(":").some((at) => existsSync(join(at, "cc")));
  if (there || process.env["CI"] === "true") return false;
  console.info("not installed: cc (gcc); labs with a stepped clock are skipped");
  return true;
}

/** A wall clock of one process's own that can be stepped; the machine's stays as it is. */
export class SteppedClock {
  readonly #file: string;
  readonly #library: string;
  #seconds = 0;

  private constructor(file: string, library: string) {
    this.#file = file;
    this.#library = library;
    this.step(0);
  }

  /** Compiles what the process is started with. */
  static async make(lab: Lab): Promise<SteppedClock> {
    const directory = lab.temporaryDirectory();
    const library = join(directory, "clock-shim.so");
    await run("cc", [
      "-shared",
      "-fPIC",
      "-O1",
      "-o",
      library,
      programPath("clock-shim.c"),
      "-ldl",
    ]);
    return new SteppedClock(join(directory, "seconds"), library);
  }

  /** Comes before the command of the process. */
  get wrapper(): readonly string[] {
    return ["env", `LD_PRELOAD=${this.#library}`, `CLOCK_SHIM=${this.#file}`];
  }

  /** Steps the clock by seconds, from where it stands now. */
  step(seconds: number): void {
    this.#seconds += seconds;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(this.#seconds));
    // In place: the process has the file mapped.
    writeFileSync(this.#file, bytes, { flag: existsSync(this.#file) ? "r+" : "w" });
  }

  /** What the clock says, milliseconds since the Unix epoch. */
  now(): number {
    return Date.now() + 1000 * this.#seconds;
  }
}
