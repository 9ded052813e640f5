#!/usr/bin/env node
import { HELP, parseCommandLine } from "./cli/arguments.ts";
import { readBuildInfo } from "./cli/build-info.ts";
import { checkConfig } from "./cli/check-config.ts";
import { doctor } from "./cli/doctor.ts";
import { reflect } from "./cli/reflect.ts";
import { serve } from "./cli/serve.ts";
import { writeStandardError } from "./cli/standard-error.ts";
import { trace } from "./cli/trace.ts";
import { UsageError } from "./cli/usage-error.ts";
import { readableLines } from "./view/readable-text.ts";

/** Runs the command line. @returns the exit code: 0 good, 1 could not run, 2 a wrong command line, 3 a fault or an error was found */
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
      case "check-config":
        process.stdout.write(readableLines(await checkConfig(command.file, process.env)));
        return 0;
      case "doctor": {
        const { text, faulty } = await doctor(command.file, process.env);
        process.stdout.write(readableLines(text));
        return faulty ? 3 : 0;
      }
      case "reflect":
        await reflect(command, build);
        return 0;
      case "trace":
        return await trace(command);
      case "serve":
        await serve(command, build);
        return 0;
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const usage = error instanceof UsageError;
    // Messages repeat what was typed or what a file holds.
    const text = readableLines(`ecmp-exporter: ${message}${usage ? "; see --help" : ""}`);
    writeStandardError(`${text}\n`);
    return usage ? 2 : 1;
  }
}

process.exit(await main(process.argv.slice(2)));
