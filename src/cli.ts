#!/usr/bin/env node
import { HELP, parseCommandLine } from "./cli/arguments.ts";
import { readBuildInfo } from "./cli/build-info.ts";
import { StandardError } from "./cli/standard-error.ts";
import { UsageError } from "./cli/usage-error.ts";
import { readableLines } from "./view/readable-text.ts";

/**
 * Runs the command line. What a command needs is loaded for it alone: `trace` and `--version` begin in half the time.
 * @returns the exit code: 0 good, 1 could not run, 2 a wrong command line, 3 a fault or an error was found
 */
async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommandLine(args);
    const build = readBuildInfo();
    switch (command.kind) {
      case "help":
        process.stdout.write(HELP);
        return 0;
      case "version":
        process.stdout.write(
          `ecmp-exporter ${build.version} (revision ${build.revision}, node ${process.version})\n`,
        );
        return 0;
      case "check-config": {
        const { checkConfig } = await import("./cli/check-config.ts");
        process.stdout.write(readableLines(await checkConfig(command.file, process.env)));
        return 0;
      }
      case "doctor": {
        const { doctor } = await import("./cli/doctor.ts");
        const { text, faulty } = await doctor(command.file, process.env);
        process.stdout.write(readableLines(text));
        return faulty ? 3 : 0;
      }
      case "reflect": {
        const { reflect } = await import("./cli/reflect.ts");
        await reflect(command, build);
        return 0;
      }
      case "trace": {
        const { trace } = await import("./cli/trace.ts");
        return await trace(command);
      }
      case "serve": {
        const { serve } = await import("./cli/serve.ts");
        await serve(command, build);
        return 0;
      }
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const usage = error instanceof UsageError;
    // Messages repeat what was typed or what a file holds.
    const text = readableLines(`ecmp-exporter: ${message}${usage ? "; see --help" : ""}`);
    new StandardError().write(`${text}\n`);
    return usage ? 2 : 1;
  }
}

process.exit(await main(process.argv.slice(2)));
