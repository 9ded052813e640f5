import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "./lab.ts";
import { type Metrics, scrape } from "./metrics.ts";
import { type LabProcess, until } from "./processes.ts";
import { packageRoot } from "./services.ts";

const PORT = 10_190;
/** A cron expression of no day that comes during a test: what it schedules stays out of the way. */
export const NEVER = "0 0 0 29 2 *";

/** The configuration of a daemon under test; JSON is YAML. */
export interface DaemonConfig {
  readonly probe?: Readonly<Record<string, string | number>>;
  readonly trace?: Readonly<Record<string, string | number>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly hops?: Readonly<Record<string, boolean>>;
  readonly raw_sockets?: string;
  readonly web?: { readonly grafana_url: string };
  readonly routers?: Readonly<Record<string, unknown>>;
  readonly target_files?: readonly string[];
  readonly targets: readonly Readonly<Record<string, unknown>>[];
}

/** The exporter, built, running in a node of a lab that the host can reach. */
export class Daemon {
  readonly process: LabProcess;
  /** Where the host reaches it: `http://10.255.0.2:10190`. */
  readonly url: string;
  readonly #directory: string;

  private constructor(started: LabProcess, url: string, directory: string) {
    this.process = started;
    this.url = url;
    this.#directory = directory;
  }

  /**
   * Starts it and waits until it is ready.
   * @param options of the command line, beside the usual ones
   * @param wrapper comes before node, such as `setpriv` with its flags
   * @throws Error with its log if it ends or is not ready in time
   */
  static async start(
    lab: Lab,
    node: string,
    config: DaemonConfig,
    options: readonly string[] = [],
    wrapper: readonly string[] = [],
  ): Promise<Daemon> {
    const directory = lab.temporaryDirectory();
    // Whoever the wrapper makes of us may read it.
    chmodSync(directory, 0o755);
    writeFileSync(configFile(directory), JSON.stringify(config, undefined, 2));
    const argv = [
      ...wrapper,
      process.execPath,
      join(packageRoot(), "dist/cli.js"),
      "--config.file",
      configFile(directory),
      "--web.listen-address",
      `:${PORT}`,
      ...options,
    ];
    const started = lab.spawn(node, argv);
    const daemon = new Daemon(started, `http://${lab.hostAddress(node)}:${PORT}`, directory);
    try {
      await until(async () => !started.running || (await daemon.#isReady()), {
        limitMs: 15_000,
        everyMs: 50,
        what: () => `the daemon is ready; it said:\n${started.stderr}`,
      });
      if (!started.running) throw new Error(`the daemon ended:\n${started.stderr}`);
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return daemon;
  }

  /** Scrapes /metrics. */
  metrics(): Promise<Metrics> {
    return scrape(`${this.url}/metrics`);
  }

  /** Asks the API about a target. */
  async target(name: string): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/targets/${name}`);
    if (response.status !== 200) throw new Error(`the API answered ${response.status}`);
    return await response.json();
  }

  /** Replaces the configuration and has it read. @throws Error unless the daemon takes it */
  async reload(config: DaemonConfig): Promise<void> {
    writeFileSync(configFile(this.#directory), JSON.stringify(config, undefined, 2));
    const response = await fetch(`${this.url}/-/reload`, { method: "POST" });
    if (response.status !== 200) throw new Error(`reload: ${await response.text()}`);
  }

  /** Asks it to end; returns the exit code, null after a signal that nobody can handle. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    return this.process.stop(signal);
  }

  async #isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/-/ready`)).status === 200;
  }
}

function configFile(directory: string): string {
  return join(directory, "ecmp-exporter.yml");
}
